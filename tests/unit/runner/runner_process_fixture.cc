#include "tests/unit/runner/runner_process_fixture.h"

#include <fmt/format.h>
#include <signal.h>

#include <utility>

#include "common/base/files.h"
#include "common/jobs/states.h"
#include "common/records/record_log.h"
#include "common/records/spool_reader.h"
#include "tests/support/status_matchers.h"
#include "tests/support/wait.h"
#include "tests/unit/runner/test_runner.h"

namespace tutti::testing {
namespace {

constexpr int kLines = 200'000;

}  // namespace

RunnerProcessTest::RunnerProcessTest() {
  Write("operators.pem", fleet_.OperatorsPem());
  StartRunner();
  Connect();
  WaitForListings(1);
}

RunnerProcessTest::~RunnerProcessTest() {
  client_.reset();
  runner_->Signal(SIGTERM);
  runner_->Wait();
  if (HasFailure()) fmt::print(stderr, "{}\n", log_ + runner_->error());
}

void RunnerProcessTest::Connect() {
  client_ = std::make_unique<RunnerClient>(
      directory_.File("state/runner.sock"),
      RunnerClient::Callbacks{.on_message =
                                  [this](runner::v1::RunnerMessage message) {
                                    OnMessage(std::move(message));
                                  },
                              .on_disconnected = [](const absl::Status&) {}});
}

void RunnerProcessTest::Write(const std::string& name, std::string_view text) {
  TUTTI_EXPECT_OK(WriteFileAtomically(directory_.File(name), text, 0644));
}

void RunnerProcessTest::StartRunner() {
  runner_ = std::make_unique<Process>(
      Process::Options{{"/proc/self/exe", "--serve", directory_.path(),
                        GetParam() ? "keeper" : "automatic"},
                       {},
                       "",
                       ""});
}

void RunnerProcessTest::KillRunner() {
  runner_->Signal(SIGKILL);
  runner_->Wait();
  log_ += runner_->error();
}

v1::JobSpec RunnerProcessTest::TwoHalves() {
  return Shell(
      fmt::format("echo ran >>{0}; seq 1 {2}; echo half >{3}; "
                  "while [ ! -e {1} ]; do sleep 0.01; done; "
                  "seq {4} {5}; echo end >&2; exit 3",
                  directory_.File("ran"), directory_.File("gate"), kLines / 2,
                  directory_.File("half"), kLines / 2 + 1, kLines));
}

void RunnerProcessTest::Start(const v1::JobSpec& spec) {
  key_ = TestRunner::KeyOf(spec);
  client_->Start(MakeStart(spec, alice_));
  WaitForState(v1::TASK_STATE_RUNNING);
}

v1::JobSpec RunnerProcessTest::Counter() {
  return Shell(fmt::format("while :; do echo x >>{}; sleep 0.01; done",
                           directory_.File("count")));
}

bool RunnerProcessTest::Counts() {
  const auto count = [this] {
    return ReadFile(directory_.File("count")).value_or("").size();
  };
  return WaitUntil([&, before = count()] { return count() > before; });
}

void RunnerProcessTest::Suspend(bool suspend) {
  client_->Suspend(key_, suspend);
  WaitForState(suspend ? v1::TASK_STATE_SUSPENDED : v1::TASK_STATE_RUNNING);
}

void RunnerProcessTest::WaitForState(v1::TaskState wanted) {
  WaitFor([wanted](const runner::v1::AttemptState& state) {
    return state.status().state() == wanted;
  });
}

v1::TaskState RunnerProcessTest::NewestState() {
  MutexLock lock(mutex_);
  return newest_.status().state();
}

void RunnerProcessTest::WaitForHalf() {
  EXPECT_TRUE(
      WaitUntil([&] { return ReadFile(directory_.File("half")).ok(); }));
}

void RunnerProcessTest::OpenGate() { Write("gate", ""); }

void RunnerProcessTest::OnMessage(runner::v1::RunnerMessage message) {
  MutexLock lock(mutex_);
  if (message.has_state()) newest_ = message.state();
  if (message.has_listing_complete()) ++listings_;
  changed_.NotifyAll();
}

void RunnerProcessTest::WaitForListings(int count) {
  MutexLock lock(mutex_);
  while (listings_ < count) changed_.Wait(mutex_);
}

runner::v1::AttemptState RunnerProcessTest::WaitFor(
    const std::function<bool(const runner::v1::AttemptState&)>& condition) {
  MutexLock lock(mutex_);
  while (!condition(newest_)) changed_.Wait(mutex_);
  return newest_;
}

runner::v1::AttemptState RunnerProcessTest::WaitForEnd() {
  return WaitFor([](const runner::v1::AttemptState& state) {
    return IsFinal(state.status().state());
  });
}

std::string RunnerProcessTest::OutputOf(const runner::v1::AttemptState& state,
                                        v1::OutputStream stream) {
  std::string output;
  absl::StatusOr<SpoolReader> reader =
      SpoolReader::Open(directory_.File("state/spool/") + SpoolFileName(key_));
  if (!reader.ok()) return output;
  for (uint64_t position = 0; position < state.end_position();) {
    const absl::StatusOr<SpoolReader::Batch> batch =
        reader->Read(position, state.end_position(), 1 << 20);
    if (!batch.ok()) return "cannot read the spool";
    for (const v1::OutputChunk& chunk : batch->chunks) {
      const bool wanted =
          stream == v1::OUTPUT_STREAM_UNSPECIFIED || stream == chunk.stream();
      if (wanted) output += chunk.data();
    }
    position = batch->next_position;
  }
  return output;
}

void RunnerProcessTest::WaitForOutput(const std::string& text) {
  WaitFor([&](const runner::v1::AttemptState& state) {
    return OutputOf(state).find(text) != std::string::npos;
  });
}

v1::JobSpec RunnerProcessTest::Shell(const std::string& text) {
  return TestRunner::Spec({"/bin/sh", "-c", text});
}

void RunnerProcessTest::Give(const std::vector<std::string>& chunks) {
  for (const std::string& chunk : chunks) client_->GiveInput(key_, chunk);
}

void RunnerProcessTest::TakeItsOwnPlace() {
  int listings = 0;
  {
    MutexLock lock(mutex_);
    listings = listings_;
  }
  runner_->Signal(SIGUSR2);
  WaitForListings(listings + 1);
}

void RunnerProcessTest::ExpectAllOutputOnce(
    const runner::v1::AttemptState& state) {
  const std::string output = OutputOf(state);
  std::string expected;
  for (int line = 1; line <= kLines; ++line) {
    expected += fmt::format("{}\n", line);
  }
  EXPECT_TRUE(output == expected + "end\n");
  EXPECT_EQ(ReadFile(directory_.File("ran")).value_or(""), "ran\n");
}

}  // namespace tutti::testing
