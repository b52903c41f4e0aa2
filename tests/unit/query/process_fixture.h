// Queries over the processes of a host that a test makes up.
#ifndef TESTS_UNIT_QUERY_PROCESS_FIXTURE_H_
#define TESTS_UNIT_QUERY_PROCESS_FIXTURE_H_

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "tests/unit/query/query_fixture.h"

namespace tutti::query {

class ProcessTest : public QueryTest {
 protected:
  // A symbolic link at an absolute path of the host.
  void Link(std::string_view path, std::string_view target) {
    const std::filesystem::path link = Path(path);
    std::filesystem::create_directories(link.parent_path());
    std::filesystem::create_symlink(target, link);
  }

  // Its /proc/PID/stat. It has started 3 s after the boot.
  void AddProcess(int64_t pid, std::string_view name) {
    Write(fmt::format("/proc/{}/stat", pid),
          fmt::format("{} ({}) S 1 {} 7 0 -1 0 0 0 0 0 150 20 0 0 20 5 3 0 300 "
                      "4096 1\n",
                      pid, name, pid));
  }
};

}  // namespace tutti::query

#endif  // TESTS_UNIT_QUERY_PROCESS_FIXTURE_H_
