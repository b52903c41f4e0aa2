// A runner whose tasks are kept together in both of its ways.
#ifndef TESTS_UNIT_RUNNER_CONTAINED_RUNNER_TEST_H_
#define TESTS_UNIT_RUNNER_CONTAINED_RUNNER_TEST_H_

#include <gtest/gtest.h>

#include <string>

#include "agent/runner/server/runner_server.h"
#include "common/base/files.h"
#include "tests/support/process.h"
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

  void WaitUntilRunning(const tutti::v1::AttemptKey& key) {
    runner_.WaitFor(key, [](const v1::AttemptState& state) {
      return state.status().state() == tutti::v1::TASK_STATE_RUNNING;
    });
  }

  // The process whose number the job wrote to `path` is gone.
  static bool IsGone(const std::string& path) {
    const absl::StatusOr<std::string> text = ReadFile(path);
    if (!text.ok() || text->empty()) return false;
    return tutti::testing::HasEnded(static_cast<pid_t>(std::stol(*text)));
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
