#include "controller/cli/follow/outcome.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace tutti::cli {
namespace {

using ::testing::Not;
using ::tutti::testing::IsOk;

v1::TaskStatus Task(v1::TaskState state, int exit_status = 0) {
  v1::TaskStatus task;
  task.mutable_attempt()->set_state(state);
  if (state == v1::TASK_STATE_COMPLETED || state == v1::TASK_STATE_FAILED) {
    task.mutable_attempt()->mutable_outcome()->set_exit_status(exit_status);
  }
  return task;
}

v1::TaskStatus Completed() { return Task(v1::TASK_STATE_COMPLETED); }
v1::TaskStatus Failed(int exit_status) {
  return Task(v1::TASK_STATE_FAILED, exit_status);
}
v1::TaskStatus Signalled(int signal) {
  v1::TaskStatus task = Task(v1::TASK_STATE_FAILED);
  task.mutable_attempt()->mutable_outcome()->set_signal(signal);
  return task;
}
v1::TaskStatus Lost() {
  v1::TaskStatus task = Task(v1::TASK_STATE_DISCONNECTED);
  task.set_lost(true);
  return task;
}

OutcomeOptions With(void (*change)(OutcomeOptions&)) {
  OutcomeOptions options;
  change(options);
  return options;
}
OutcomeOptions MinSuccess(double percent) {
  OutcomeOptions options;
  options.min_success = percent;
  return options;
}

struct Case {
  std::string name;
  std::vector<v1::TaskStatus> tasks;
  OutcomeOptions options;
  int status;
};

// The table of docs/cli.md, line by line: scripts depend on it.
std::vector<Case> TableCases() {
  const OutcomeOptions plain;
  const auto interrupted =
      With([](OutcomeOptions& options) { options.interrupted = true; });
  const auto left = With([](OutcomeOptions& options) { options.left = true; });
  std::vector<Case> cases = {
      {"all completed", {Completed(), Completed()}, plain, 0},
      {"some failed", {Completed(), Failed(3)}, plain, 1},
      {"killed by a signal", {Signalled(9)}, plain, 1},
      {"lost", {Completed(), Lost()}, plain, 7},
      {"left while running", {Task(v1::TASK_STATE_RUNNING)}, left, 7},
      {"left, though all is done", {Completed()}, left, 7},
      {"interrupted", {Task(v1::TASK_STATE_STOPPED)}, interrupted, 130},
      {"interrupted when all was done", {Completed()}, interrupted, 130},
      {"130 before 7", {Lost()}, interrupted, 130},
      {"7 before 5", {Lost(), Task(v1::TASK_STATE_UNKNOWN)}, plain, 7},
      {"5 before 4",
       {Task(v1::TASK_STATE_UNKNOWN), Task(v1::TASK_STATE_REFUSED)},
       plain,
       5},
      {"4 before 3",
       {Task(v1::TASK_STATE_EXPIRED), Task(v1::TASK_STATE_TIMED_OUT)},
       plain,
       4},
      {"3 before 1", {Failed(1), Task(v1::TASK_STATE_STOPPED)}, plain, 3},
  };
  const std::vector<std::pair<v1::TaskState, int>> classes = {
      {v1::TASK_STATE_TIMED_OUT, 3},   {v1::TASK_STATE_STOPPED, 3},
      {v1::TASK_STATE_SKIPPED, 3},     {v1::TASK_STATE_REFUSED, 4},
      {v1::TASK_STATE_NOT_STARTED, 4}, {v1::TASK_STATE_EXPIRED, 4},
      {v1::TASK_STATE_UNKNOWN, 5}};
  for (const auto& [state, status] : classes) {
    cases.push_back(
        {v1::TaskState_Name(state), {Completed(), Task(state)}, plain, status});
  }
  return cases;
}

std::vector<Case> OptionCases() {
  const auto offline_ok =
      With([](OutcomeOptions& options) { options.offline_ok = true; });
  const auto largest =
      With([](OutcomeOptions& options) { options.largest_status = true; });
  const auto largest_left = With([](OutcomeOptions& options) {
    options.largest_status = true;
    options.left = true;
  });
  const auto largest_interrupted = With([](OutcomeOptions& options) {
    options.largest_status = true;
    options.interrupted = true;
  });
  const std::vector<v1::TaskStatus> nine_of_ten = [] {
    std::vector<v1::TaskStatus> tasks(9, Completed());
    tasks.push_back(Failed(1));
    return tasks;
  }();
  auto left_but_enough = MinSuccess(50);
  left_but_enough.left = true;
  auto offline_and_enough = MinSuccess(100);
  offline_and_enough.offline_ok = true;
  return {
      {"enough completed", nine_of_ten, MinSuccess(90), 0},
      {"not enough completed", nine_of_ten, MinSuccess(90.5), 1},
      {"enough, others not started",
       {Completed(), Task(v1::TASK_STATE_NOT_STARTED)},
       MinSuccess(50),
       0},
      {"not enough, by class",
       {Completed(), Task(v1::TASK_STATE_NOT_STARTED)},
       MinSuccess(51),
       4},
      {"enough does not hide that we left", {Completed()}, left_but_enough, 7},
      {"enough does not hide a lost target",
       {Completed(), Lost()},
       MinSuccess(50),
       7},
      {"offline ones do not count",
       {Completed(), Task(v1::TASK_STATE_EXPIRED)},
       offline_ok,
       0},
      {"offline ones do not count for the percentage",
       {Completed(), Task(v1::TASK_STATE_EXPIRED)},
       offline_and_enough,
       0},
      {"offline ok does not excuse failures",
       {Failed(1), Task(v1::TASK_STATE_EXPIRED)},
       offline_ok,
       1},
      {"largest of several", {Failed(3), Completed(), Failed(42)}, largest, 42},
      {"largest of none", {Completed()}, largest, 0},
      {"largest counts signals as a shell does",
       {Signalled(9), Failed(3)},
       largest,
       137},
      {"largest with another class",
       {Failed(42), Task(v1::TASK_STATE_TIMED_OUT)},
       largest,
       243},
      {"largest with a refusal", {Task(v1::TASK_STATE_REFUSED)}, largest, 244},
      {"largest with an unknown", {Task(v1::TASK_STATE_UNKNOWN)}, largest, 245},
      {"largest when left", {Completed()}, largest_left, 247},
      {"largest keeps 130", {Completed()}, largest_interrupted, 130},
  };
}

TEST(JobExitStatusTest, Table) {
  for (const Case& test : TableCases()) {
    EXPECT_EQ(JobExitStatus(test.tasks, test.options), test.status)
        << test.name;
  }
}

TEST(JobExitStatusTest, Options) {
  for (const Case& test : OptionCases()) {
    EXPECT_EQ(JobExitStatus(test.tasks, test.options), test.status)
        << test.name;
  }
}

TEST(WithLargestStatusTest, ErrorsBeforeTheStart) {
  EXPECT_EQ(WithLargestStatus(6, false), 6);
  EXPECT_EQ(WithLargestStatus(6, true), 246);
  EXPECT_EQ(WithLargestStatus(2, true), 242);
  EXPECT_EQ(WithLargestStatus(130, true), 130);
}

TEST(ParseMinSuccessTest, TakesPercentages) {
  EXPECT_EQ(ParseMinSuccess("95%").value(), 95);
  EXPECT_EQ(ParseMinSuccess("99.5").value(), 99.5);
  for (const char* bad : {"", "%", "101%", "-1", "most", "nan", "5%%"}) {
    EXPECT_THAT(ParseMinSuccess(bad), Not(IsOk())) << bad;
  }
}

TEST(JobExitStatusTest, WhatTheConditionLeftOutDoesNotCount) {
  v1::TaskStatus unmatched = Task(v1::TASK_STATE_SKIPPED);
  unmatched.mutable_attempt()->mutable_outcome()->set_unmatched(true);
  EXPECT_EQ(JobExitStatus({unmatched}, {}), 0);
  EXPECT_EQ(JobExitStatus({unmatched, Completed()}, MinSuccess(100)), 0);
  EXPECT_EQ(JobExitStatus({unmatched, Failed(7)}, {}), 1);
}

}  // namespace
}  // namespace tutti::cli
