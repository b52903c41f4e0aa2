// A runner that was killed, in a process of its own.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "agent/runner/server/runner_server.h"
#include "common/base/files.h"
#include "common/records/record_log.h"
#include "common/records/spool_reader.h"
#include "common/records/spool_recovery.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/wait.h"
#include "tests/unit/runner/test_runner.h"

namespace tutti::runner {
namespace {

using ::testing::HasSubstr;
using ::tutti::testing::TestRunner;
using ::tutti::testing::WaitUntil;

// Runs a job in a runner of a process of its own, kills that process in the
// middle of the job's output, and leaves the state directory.
class RunnerRestartTest : public ::testing::Test {
 protected:
  // The child makes the runner in the parent's directory and starts `text`.
  void RunAndKill(const std::string& text, const std::string& ready) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      setenv("TMPDIR", directory_.path().c_str(), 1);
      TestRunner runner;
      WriteFileAtomically(directory_.File("state"), runner.state_directory(),
                          0600)
          .IgnoreError();
      runner.Start(TestRunner::Spec({"/bin/sh", "-c", text}));
      while (true) pause();
    }
    EXPECT_TRUE(WaitUntil(
        [&] { return access(directory_.File(ready).c_str(), F_OK) == 0; }));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    TUTTI_ASSERT_OK_AND_ASSIGN(state_, ReadFile(directory_.File("state")));
  }

  // Shell text that says "before" and waits until the spool has it.
  std::string SayBefore() const {
    return fmt::format(
        "echo before; until [ \"$(cat $(cat {})/spool/* | wc -c)\" -ge {} ]; "
        "do sleep 0.01; done; ",
        directory_.File("state"),
        kLogHeaderBytes + kRecordHeaderBytes + kBefore.size());
  }

  static constexpr std::string_view kBefore = "before\n";
  testing::TemporaryDirectory directory_;
  std::string state_;
};

// Whatever the moment of the kill, what the job had written before and was
// seen in the spool is whole and in order.
TEST_F(RunnerRestartTest, AKilledWriterLosesNothingThatItHadTaken) {
  RunAndKill(fmt::format("i=0; while :; do i=$((i+1)); echo line $i; "
                         "[ $i = 20000 ] && : >{}; done",
                         directory_.File("ready")),
             "ready");
  std::string path;
  for (const auto& entry :
       std::filesystem::directory_iterator(state_ + "/spool")) {
    path = entry.path();
  }
  TUTTI_ASSERT_OK_AND_ASSIGN(const SpoolExtent extent, RecoverSpool(path));
  TUTTI_ASSERT_OK_AND_ASSIGN(SpoolReader reader, SpoolReader::Open(path));
  std::string output;
  for (uint64_t position = 0; position < extent.end;) {
    TUTTI_ASSERT_OK_AND_ASSIGN(const SpoolReader::Batch batch,
                               reader.Read(position, extent.end, 1 << 20));
    for (const auto& chunk : batch.chunks) output += chunk.data();
    position = batch.next_position;
  }
  int line = 0;
  while (output.starts_with(fmt::format("line {}\n", line + 1))) {
    output.erase(0, output.find('\n') + 1);
    ++line;
  }
  // At most the last line is torn, where the pipe's content ended.
  EXPECT_THAT(fmt::format("line {}\n", line + 1), HasSubstr(output));
  EXPECT_GT(line, 10'000);
}

// Never run again by itself, and never forgotten.
TEST_F(RunnerRestartTest, WhatRanIsUnknownAfterwardsAndItsProcessesAreGone) {
  RunAndKill(SayBefore() + fmt::format("echo $$ >{0}.new; mv {0}.new {0};"
                                       "while :; do sleep 1000; done",
                                       directory_.File("pid")),
             "pid");
  TUTTI_ASSERT_OK_AND_ASSIGN(const std::string text,
                             ReadFile(directory_.File("pid")));
  for (int restarts = 0; restarts < 2; ++restarts) {
    RunnerServer::Options options;
    options.state_directory = state_;
    TestRunner runner(options);
    const std::vector<v1::AttemptState> states = runner.States();
    ASSERT_EQ(states.size(), 1u);
    EXPECT_EQ(states[0].status().state(), tutti::v1::TASK_STATE_UNKNOWN);
    EXPECT_EQ(states[0].status().outcome().reason(),
              "the runner was restarted while it ran; its exit status is lost");
    EXPECT_EQ(runner.Output(states[0].key(), tutti::v1::OUTPUT_STREAM_STDOUT),
              kBefore);
  }
  const auto pid = static_cast<pid_t>(std::stol(text));
  EXPECT_TRUE(WaitUntil([&] { return kill(pid, 0) != 0; }));
}

// Whoever reads the output has to know that there was more.
TEST_F(RunnerRestartTest, OutputThatWasDamagedIsSaidToBeMissing) {
  RunAndKill(
      SayBefore() + fmt::format(": >{}; sleep 1000", directory_.File("ready")),
      "ready");
  const std::string path =
      std::filesystem::directory_iterator(state_ + "/spool")->path();
  TUTTI_ASSERT_OK(RecoverSpool(path));
  std::ofstream(path, std::ios::app) << std::string(100, 'Z');
  RunnerServer::Options options;
  options.state_directory = state_;
  TestRunner runner(options);
  const std::vector<v1::AttemptState> states = runner.States();
  ASSERT_EQ(states.size(), 1u);
  EXPECT_EQ(runner.Output(states[0].key(), tutti::v1::OUTPUT_STREAM_STDOUT),
            kBefore);
  EXPECT_THAT(runner.Output(states[0].key(), tutti::v1::OUTPUT_STREAM_EVENT),
              HasSubstr("100 bytes of the spool file were damaged"));
}

}  // namespace
}  // namespace tutti::runner
