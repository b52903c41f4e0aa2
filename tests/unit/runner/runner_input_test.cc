// What reaches a process as standard input. Where one of these breaks, a
// command gets less than its operator sent, or what somebody else made up.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "common/base/files.h"
#include "common/signing/input_chunk.h"
#include "tests/support/status_matchers.h"
#include "tests/support/wait.h"
#include "tests/unit/runner/contained_runner_test.h"
#include "tests/unit/runner/fed_job.h"
#include "tests/unit/runner/test_runner.h"

namespace tutti::runner {
namespace {

using ::tutti::testing::FedJob;
using ::tutti::testing::TestRunner;
using ::tutti::testing::WaitUntil;

constexpr auto kOut = tutti::v1::OUTPUT_STREAM_STDOUT;

class RunnerInputTest : public ContainedRunnerTest {
 protected:
  FedJob StartShell(const std::string& text) {
    FedJob job(TestRunner::Spec({"/bin/sh", "-c", text}));
    runner_.Start(job.spec());
    WaitUntilRunning(job.key());
    return job;
  }
  void Give(const FedJob& job, const std::string& chunk) {
    runner_.client().GiveInput(job.key(), chunk);
  }
  void GiveData(FedJob& job, const std::string& data) {
    Give(job, job.Data(data));
  }
  v1::AttemptState WaitUntilTaken(const FedJob& job, uint64_t count) {
    return runner_.WaitFor(job.key(), [count](const v1::AttemptState& state) {
      return state.input_taken() >= count;
    });
  }
  // The runner has looked at all that was given before it answers. Leaves the
  // attempt suspended.
  uint64_t TakenOnceSuspended(const FedJob& job) {
    runner_.client().Suspend(job.key(), true);
    return runner_
        .WaitFor(job.key(),
                 [](const v1::AttemptState& state) {
                   return state.status().state() ==
                          tutti::v1::TASK_STATE_SUSPENDED;
                 })
        .input_taken();
  }
  v1::AttemptState WaitUntilClosed(const FedJob& job) {
    return runner_.WaitFor(job.key(), [](const v1::AttemptState& state) {
      return state.input_closed();
    });
  }
  // As a sender does: never more ahead than the runner keeps.
  void GiveAll(FedJob& job, const std::string& data) {
    uint64_t sent = 0;
    const auto wait_for_room = [&] {
      if (sent >= kMaxInputChunksAhead) {
        WaitUntilTaken(job, sent - kMaxInputChunksAhead + 1);
      }
      ++sent;
    };
    for (size_t at = 0; at < data.size(); at += kMaxInputChunkBytes) {
      wait_for_room();
      GiveData(job, data.substr(at, kMaxInputChunkBytes));
    }
    wait_for_room();
    Give(job, job.End());
  }
  std::string OutputAtTheEnd(const FedJob& job) {
    const v1::AttemptState state = runner_.WaitForEnd(job.key());
    EXPECT_EQ(state.status().state(), tutti::v1::TASK_STATE_COMPLETED)
        << state.DebugString();
    EXPECT_TRUE(state.input_closed());
    return runner_.Output(job.key(), kOut);
  }
};

INSTANTIATE_TEST_SUITE_P(, RunnerInputTest, BothContainments(),
                         ContainmentName);

TEST_P(RunnerInputTest, EveryByteArrivesAndThenTheEnd) {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
  FedJob job = StartShell("cat");
  GiveData(job, bytes);
  EXPECT_FALSE(WaitUntilTaken(job, 1).input_closed());
  Give(job, job.End());
  EXPECT_EQ(OutputAtTheEnd(job), bytes);
}

TEST_P(RunnerInputTest, MegabytesArriveInOrder) {
  std::string lines;
  for (int line = 0; line < 600'000; ++line) lines += fmt::format("{}\n", line);
  FedJob job = StartShell("cat");
  GiveAll(job, lines);
  EXPECT_TRUE(OutputAtTheEnd(job) == lines);
  EXPECT_EQ(runner_.States()[0].input_taken(), job.count());
}

// `taken` is what holds up the sender, so it must not run ahead of the process.
TEST_P(RunnerInputTest, AProcessThatDoesNotReadHoldsItUp) {
  const std::string gate = runner_.directory().File("gate");
  FedJob job = StartShell(
      fmt::format("until [ -e {} ]; do sleep 0.01; done; wc -c", gate));
  constexpr uint64_t kChunks = 16;
  for (uint64_t i = 0; i < kChunks; ++i) {
    GiveData(job, std::string(kMaxInputChunkBytes, 'x'));
  }
  Give(job, job.End());
  WaitUntilTaken(job, 2);
  // What a pipe holds by default.
  EXPECT_EQ(TakenOnceSuspended(job), 2u);
  runner_.client().Suspend(job.key(), false);
  TUTTI_EXPECT_OK(WriteFileAtomically(gate, "", 0600));
  EXPECT_EQ(OutputAtTheEnd(job),
            fmt::format("{}\n", kChunks * kMaxInputChunkBytes));
}

// Otherwise an agent could fill the runner's memory.
TEST_P(RunnerInputTest, WhatIsMoreThanTheRunnerKeepsHasToComeAgain) {
  const std::string gate = runner_.directory().File("gate");
  FedJob job = StartShell(
      fmt::format("until [ -e {} ]; do sleep 0.01; done; cat", gate));
  std::string all;
  std::vector<std::string> chunks;
  for (uint64_t i = 0; i < 2 * kMaxInputChunksAhead; ++i) {
    const std::string data(kMaxInputChunkBytes,
                           static_cast<char>('A' + i % 50));
    all += data;
    chunks.push_back(job.Data(data));
  }
  for (const std::string& chunk : chunks) Give(job, chunk);
  // They are in the pipe.
  EXPECT_EQ(TakenOnceSuspended(job), 2u);
  runner_.client().Suspend(job.key(), false);
  TUTTI_EXPECT_OK(WriteFileAtomically(gate, "", 0600));
  EXPECT_EQ(WaitUntilTaken(job, 2 + kMaxInputChunksAhead).input_taken(),
            2 + kMaxInputChunksAhead);
  for (const std::string& chunk : chunks) Give(job, chunk);
  Give(job, job.End());
  EXPECT_TRUE(OutputAtTheEnd(job) == all);
}

TEST_P(RunnerInputTest, WhatIsSuspendedTakesNothing) {
  FedJob job = StartShell("cat");
  GiveData(job, "before\n");
  WaitUntilTaken(job, 1);
  TakenOnceSuspended(job);
  constexpr uint64_t kChunks = 40;
  for (uint64_t i = 0; i < kChunks; ++i) {
    GiveData(job, std::string(kMaxInputChunkBytes, 'x'));
  }
  // One fits into the pipe at least, also when nothing of it was read.
  EXPECT_LT(WaitUntilTaken(job, 2).input_taken(), 1 + kChunks);
  runner_.client().Suspend(job.key(), false);
  Give(job, job.End());
  EXPECT_EQ(OutputAtTheEnd(job).size(), 7 + kChunks * kMaxInputChunkBytes);
}

TEST_P(RunnerInputTest, OnlyWhatTheOperatorSignedArrivesInOrderAndOnce) {
  FedJob job = StartShell("cat");
  FedJob stranger(job.spec());
  const std::string first = job.Data("1");
  const std::string second = job.Data("2");
  const std::string third = job.Data("3");
  const std::string end = job.End();
  std::string changed = first;
  changed[changed.find("1", 20)] = '9';
  for (const std::string& chunk :
       {stranger.Data("x"), stranger.End(), std::string("no chunk"), changed,
        second, first, third, first, second, second, end, third}) {
    Give(job, chunk);
  }
  // It came before the third: it has to come again.
  Give(job, third);
  Give(job, end);
  EXPECT_EQ(OutputAtTheEnd(job), "123");
}

// The others must not wait for it.
TEST_P(RunnerInputTest, WhoClosesItsInputIsSaidToTakeNoMore) {
  FedJob job = StartShell("exec <&-; exec sleep 1000");
  EXPECT_EQ(WaitUntilClosed(job).status().state(),
            tutti::v1::TASK_STATE_RUNNING);
  GiveData(job, "dropped");
  runner_.client().Stop(job.key(), {});
  EXPECT_EQ(runner_.WaitForEnd(job.key()).input_taken(), 0u);
}

// The runner would die of it, with all tasks.
TEST_P(RunnerInputTest, WhoClosesItsInputWhileMuchWaitsHarmsNobody) {
  FedJob job = StartShell("head -c 1; exec <&-; exec sleep 1000");
  for (int i = 0; i < 8; ++i) {
    GiveData(job, std::string(kMaxInputChunkBytes, 'x'));
  }
  const v1::AttemptState state = WaitUntilClosed(job);
  EXPECT_LT(state.input_taken(), 8u);
  EXPECT_EQ(state.status().state(), tutti::v1::TASK_STATE_RUNNING);
  runner_.client().Stop(job.key(), {});
  runner_.WaitForEnd(job.key());
  EXPECT_EQ(runner_.Output(job.key(), kOut), "x");
}

// A second task's process must not hold the first one's input open.
TEST_P(RunnerInputTest, TheEndArrivesWhileOthersRun) {
  FedJob first = StartShell("cat");
  FedJob second = StartShell("cat");
  Give(first, first.End());
  OutputAtTheEnd(first);
  Give(second, second.End());
  OutputAtTheEnd(second);
}

TEST_P(RunnerInputTest, WithoutInputThereIsNothingToTake) {
  const v1::AttemptState state = runner_.RunShell("cat");
  EXPECT_EQ(state.status().state(), tutti::v1::TASK_STATE_COMPLETED);
  EXPECT_TRUE(state.input_closed());
}

// What is left behind must not wait for input that never comes.
TEST_P(RunnerInputTest, InputIsClosedWithTheAttempt) {
  const std::string path = runner_.directory().File("left");
  tutti::v1::JobSpec spec = TestRunner::Spec(
      {"/bin/sh", "-c",
       fmt::format("exec 3<&0; (cat <&3; echo over >{}) & echo", path)});
  spec.set_keep_children(true);
  FedJob job(spec);
  runner_.Start(job.spec());
  runner_.WaitForEnd(job.key());
  EXPECT_TRUE(IsWritten(path));
}

// What a kind is given before its input waits for it, however long it is.
TEST_P(RunnerInputTest, ParametersStandBeforeTheInput) {
  const std::string folder = runner_.directory().path();
  ASSERT_TRUE(WriteFileAtomically(folder + "/repeat.yaml",
                                  "name: repeat\nprogram: /bin/cat\n"
                                  "stdin: true\nparameters:\n- name: text\n",
                                  0644)
                  .ok());
  const std::string text(200'000, 'x');
  tutti::v1::JobSpec spec = TestRunner::Spec({});
  spec.mutable_add_in()->set_name("repeat");
  spec.mutable_add_in()->set_parameters("{\"text\":\"" + text + "\"}");
  FedJob job(spec);
  runner_.Start(job.spec());
  WaitUntilRunning(job.key());
  GiveData(job, "and more");
  Give(job, job.End());
  EXPECT_EQ(OutputAtTheEnd(job), "{\"text\":\"" + text + "\"}\nand more");
  // Unfed, they are all there is.
  spec = TestRunner::Spec({});
  spec.mutable_add_in()->set_name("repeat");
  const v1::AttemptState state = runner_.Run(spec);
  EXPECT_EQ(runner_.Output(state.key(), kOut), "{}\n");
}

}  // namespace
}  // namespace tutti::runner
