// A runner whose tasks are kept together in both of its ways.
#ifndef TESTS_UNIT_RUNNER_CONTAINED_RUNNER_TEST_H_
#define TESTS_UNIT_RUNNER_CONTAINED_RUNNER_TEST_H_

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <string>

#include "agent/runner/server/runner_server.h"
#include "common/base/files.h"
#include "tests/support/wait.h"
#include "tests/unit/runner/test_runner.h"

namespace tutti::runner {

// With a cgroup a task where this host lets us, and with keepers anyway.
class ContainedRunnerTest
    : public ::testing::TestWithParam<ProcessLauncher::Containment> {
 protected:
  static RunnerServer::Options Contained() {
    RunnerServer::Options options;
    options.containment = GetParam();
    return options;
  }

  // The process whose number the job wrote to `path` is gone.
  static bool IsGone(const std::string& path) {
    const absl::StatusOr<std::string> text = ReadFile(path);
    if (!text.ok() || text->empty()) return false;
    const auto pid = static_cast<pid_t>(std::stol(*text));
    return kill(pid, 0) != 0 || IsZombie(pid);
  }

  // Dead, and only not reaped by the process that adopted it.
  static bool IsZombie(pid_t pid) {
    const absl::StatusOr<std::string> stat =
        ReadFile(fmt::format("/proc/{}/stat", pid));
    return !stat.ok() || stat->find(") Z ") != std::string::npos;
  }

  // Waits until the job has written the file.
  static bool IsWritten(const std::string& path) {
    return tutti::testing::WaitUntil([&] {
      const absl::StatusOr<std::string> text = ReadFile(path);
      return text.ok() && text->ends_with("\n");
    });
  }

  tutti::testing::TestRunner runner_{Contained()};
};

// For INSTANTIATE_TEST_SUITE_P.
inline auto BothContainments() {
  return ::testing::Values(ProcessLauncher::Containment::kAutomatic,
                           ProcessLauncher::Containment::kKeeper);
}
inline std::string ContainmentName(
    const ::testing::TestParamInfo<ProcessLauncher::Containment>& info) {
  return info.param == ProcessLauncher::Containment::kKeeper ? "Keeper"
                                                             : "Automatic";
}

}  // namespace tutti::runner

#endif  // TESTS_UNIT_RUNNER_CONTAINED_RUNNER_TEST_H_
