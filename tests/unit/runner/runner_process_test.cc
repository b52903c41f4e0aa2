// A runner in a process of its own, with a client in the agent's place: what
// becomes of a job when its runner is killed, or takes its own place. The
// runner is this program itself, called with --serve.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/runner/server/reexecution.h"
#include "agent/runner/server/runner_server.h"
#include "agent/runner/verification/policy.h"
#include "agent/runner/verification/verifier.h"
#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/file_descriptor.h"
#include "common/base/files.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "common/identity/trust_store.h"
#include "common/jobs/states.h"
#include "common/records/record_log.h"
#include "common/records/spool_reader.h"
#include "common/runner_client/runner_client.h"
#include "tests/support/fake_clock.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/wait.h"
#include "tests/unit/runner/fed_job.h"
#include "tests/unit/signing/test_fleet.h"

namespace tutti::testing {
namespace {

using ::testing::HasSubstr;

using runner::ProcessLauncher;
using runner::RunnerServer;

constexpr char kTarget[] = "web01";
constexpr int kLines = 200'000;

// The runner's life: argv is PROGRAM --serve DIRECTORY CONTAINMENT.
absl::Status Serve(char** argv) {
  const std::string directory = argv[2];
  signal(SIGPIPE, SIG_IGN);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGUSR2);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  const FileDescriptor signal_fd(
      signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  TUTTI_ASSIGN_OR_RETURN(const std::string pem,
                         ReadFile(directory + "/operators.pem"));
  TUTTI_ASSIGN_OR_RETURN(TrustStore operators, TrustStore::FromPem(pem));
  const FakeClock clock;
  const runner::AllowEveryOperator policy;
  runner::Verifier verifier(
      {.fleet = "demo", .target = kTarget, .stands_for = nullptr},
      std::move(operators), clock, policy);
  RunnerServer::Options options;
  options.fleet = "demo";
  options.target = kTarget;
  options.state_directory = directory + "/state";
  if (std::string_view(argv[3]) == "keeper") {
    options.containment = ProcessLauncher::Containment::kKeeper;
  }
  options.signal_fd = signal_fd.get();
  options.execute = [argv, directory]() -> absl::Status {
    TUTTI_RETURN_IF_ERROR(ReadFile(directory + "/operators.pem").status());
    execv("/proc/self/exe", argv);
    return absl::InternalError("execv");
  };
  TUTTI_ASSIGN_OR_RETURN(options.handover, runner::TakeHandover());
  TUTTI_ASSIGN_OR_RETURN(
      const std::unique_ptr<RunnerServer> server,
      RunnerServer::Create(std::move(options), verifier, clock));
  server->Run();
  return absl::OkStatus();
}

// With cgroups where this host lets us, and with keepers anyway.
class RunnerProcessTest : public ::testing::TestWithParam<bool> {
 protected:
  RunnerProcessTest() {
    Write("operators.pem", fleet_.OperatorsPem());
    StartRunner();
    Connect();
    WaitForListings(1);
  }
  ~RunnerProcessTest() override {
    client_.reset();
    runner_->Signal(SIGTERM);
    runner_->Wait();
    if (HasFailure()) fmt::print(stderr, "{}\n", log_ + runner_->error());
  }

  void Connect() {
    client_ = std::make_unique<RunnerClient>(
        directory_.File("state/runner.sock"),
        RunnerClient::Callbacks{.on_message =
                                    [this](runner::v1::RunnerMessage message) {
                                      OnMessage(std::move(message));
                                    },
                                .on_disconnected = [](const absl::Status&) {}});
  }

  void Write(const std::string& name, std::string_view text) {
    TUTTI_EXPECT_OK(WriteFileAtomically(directory_.File(name), text, 0644));
  }

  void StartRunner() {
    runner_ = std::make_unique<Process>(
        Process::Options{{"/proc/self/exe", "--serve", directory_.path(),
                          GetParam() ? "keeper" : "automatic"},
                         {},
                         "",
                         ""});
  }
  void KillRunner() {
    runner_->Signal(SIGKILL);
    runner_->Wait();
    log_ += runner_->error();
  }

  // Notes that it ran, writes one half, waits for the gate, writes the other.
  v1::JobSpec TwoHalves() {
    v1::JobSpec spec = MakeSpec("demo", {kTarget});
    spec.mutable_command()->clear_arguments();
    for (const std::string& argument :
         {std::string("/bin/sh"), std::string("-c"),
          fmt::format("echo ran >>{0}; seq 1 {2}; echo half >{3}; "
                      "while [ ! -e {1} ]; do sleep 0.01; done; "
                      "seq {4} {5}; echo end >&2; exit 3",
                      directory_.File("ran"), directory_.File("gate"),
                      kLines / 2, directory_.File("half"), kLines / 2 + 1,
                      kLines)}) {
      spec.mutable_command()->add_arguments(argument);
    }
    return spec;
  }

  void Start(const v1::JobSpec& spec) {
    key_.set_job_uuid(spec.job_uuid());
    key_.set_attempt(spec.attempt());
    key_.set_target(kTarget);
    runner::v1::StartAttempt start;
    *start.mutable_key() = key_;
    start.set_envelope(
        SignAnything(spec.SerializeAsString(), alice_).SerializeAsString());
    *start.mutable_proof() = MakeTargetProof(*MakeTargetTree({kTarget}), 0);
    client_->Start(std::move(start));
    WaitForState(v1::TASK_STATE_RUNNING);
  }
  // A job that counts in a file for ever.
  v1::JobSpec Counter() {
    v1::JobSpec spec = TwoHalves();
    spec.mutable_command()->set_arguments(
        2, fmt::format("while :; do echo x >>{}; sleep 0.01; done",
                       directory_.File("count")));
    return spec;
  }
  bool Counts() {
    const auto count = [this] {
      return ReadFile(directory_.File("count")).value_or("").size();
    };
    return WaitUntil([&, before = count()] { return count() > before; });
  }
  void Suspend(bool suspend) {
    client_->Suspend(key_, suspend);
    WaitForState(suspend ? v1::TASK_STATE_SUSPENDED : v1::TASK_STATE_RUNNING);
  }
  void WaitForState(v1::TaskState wanted) {
    WaitFor([wanted](const runner::v1::AttemptState& state) {
      return state.status().state() == wanted;
    });
  }
  v1::TaskState NewestState() {
    MutexLock lock(mutex_);
    return newest_.status().state();
  }

  static bool IsOver(pid_t pid) {
    const absl::StatusOr<std::string> stat =
        ReadFile(fmt::format("/proc/{}/stat", pid));
    return !stat.ok() || stat->find(") Z ") != std::string::npos;
  }
  void WaitForHalf() {
    EXPECT_TRUE(
        WaitUntil([&] { return ReadFile(directory_.File("half")).ok(); }));
  }
  void OpenGate() { Write("gate", ""); }

  void OnMessage(runner::v1::RunnerMessage message) {
    MutexLock lock(mutex_);
    if (message.has_state()) newest_ = message.state();
    if (message.has_listing_complete()) ++listings_;
    changed_.NotifyAll();
  }
  void WaitForListings(int count) {
    MutexLock lock(mutex_);
    while (listings_ < count) changed_.Wait(mutex_);
  }
  runner::v1::AttemptState WaitFor(
      const std::function<bool(const runner::v1::AttemptState&)>& condition) {
    MutexLock lock(mutex_);
    while (!condition(newest_)) changed_.Wait(mutex_);
    return newest_;
  }
  runner::v1::AttemptState WaitForEnd() {
    return WaitFor([](const runner::v1::AttemptState& state) {
      return IsFinal(state.status().state());
    });
  }

  std::string OutputOf(const runner::v1::AttemptState& state) {
    std::string output;
    absl::StatusOr<SpoolReader> reader = SpoolReader::Open(
        directory_.File("state/spool/") + SpoolFileName(key_));
    if (!reader.ok()) return output;
    for (uint64_t position = 0; position < state.end_position();) {
      const absl::StatusOr<SpoolReader::Batch> batch =
          reader->Read(position, state.end_position(), 1 << 20);
      if (!batch.ok()) return "cannot read the spool";
      for (const v1::OutputChunk& chunk : batch->chunks) output += chunk.data();
      position = batch->next_position;
    }
    return output;
  }
  void WaitForOutput(const std::string& text) {
    WaitFor([&](const runner::v1::AttemptState& state) {
      return OutputOf(state).find(text) != std::string::npos;
    });
  }

  v1::JobSpec Shell(const std::string& text) {
    v1::JobSpec spec = TwoHalves();
    spec.mutable_command()->set_arguments(2, text);
    return spec;
  }
  void Give(const std::vector<std::string>& chunks) {
    for (const std::string& chunk : chunks) client_->GiveInput(key_, chunk);
  }
  // Waits for the next listing.
  void TakeItsOwnPlace() {
    int listings = 0;
    {
      MutexLock lock(mutex_);
      listings = listings_;
    }
    runner_->Signal(SIGUSR2);
    WaitForListings(listings + 1);
  }

  void ExpectAllOutputOnce(const runner::v1::AttemptState& state) {
    const std::string output = OutputOf(state);
    std::string expected;
    for (int line = 1; line <= kLines; ++line) {
      expected += fmt::format("{}\n", line);
    }
    EXPECT_TRUE(output == expected + "end\n");
    EXPECT_EQ(ReadFile(directory_.File("ran")).value_or(""), "ran\n");
  }

  TemporaryDirectory directory_;
  const TestFleet fleet_{"demo"};
  const Credentials alice_ = fleet_.MakeOperator("alice");
  std::unique_ptr<Process> runner_;
  std::string log_;
  v1::AttemptKey key_;

  Mutex mutex_;
  CondVar changed_;
  runner::v1::AttemptState newest_ ABSL_GUARDED_BY(mutex_);
  int listings_ ABSL_GUARDED_BY(mutex_) = 0;
  // Last: it calls back.
  std::unique_ptr<RunnerClient> client_;
};

INSTANTIATE_TEST_SUITE_P(, RunnerProcessTest, ::testing::Bool(),
                         [](const auto& info) {
                           return info.param ? "Keeper" : "Automatic";
                         });

// An upgrade in the middle of a job.
TEST_P(RunnerProcessTest, ItTakesItsOwnPlaceAndTheJobDoesNotNotice) {
  Start(TwoHalves());
  WaitForHalf();
  const pid_t before = runner_->pid();
  runner_->Signal(SIGUSR2);
  WaitForListings(2);
  OpenGate();
  const runner::v1::AttemptState state = WaitForEnd();
  EXPECT_EQ(state.status().state(), v1::TASK_STATE_FAILED);
  EXPECT_EQ(state.status().outcome().exit_status(), 3);
  EXPECT_GT(state.status().outcome().usage().peak_resident_bytes(), 0u);
  EXPECT_EQ(runner_->pid(), before);
  EXPECT_TRUE(runner_->running());
  ExpectAllOutputOnce(state);
}

// It writes all the while.
TEST_P(RunnerProcessTest, ItTakesItsOwnPlaceManyTimes) {
  OpenGate();
  Start(TwoHalves());
  for (int i = 2; i < 8; ++i) {
    runner_->Signal(SIGUSR2);
    WaitForListings(i);
  }
  const runner::v1::AttemptState state = WaitForEnd();
  EXPECT_EQ(state.status().outcome().exit_status(), 3);
  ExpectAllOutputOnce(state);
}

TEST_P(RunnerProcessTest, LimitsHoldAfterItTookItsOwnPlace) {
  v1::JobSpec spec = TwoHalves();
  *spec.mutable_timeout() = ToProto(absl::Seconds(2));
  Start(spec);
  runner_->Signal(SIGUSR2);
  WaitForListings(2);
  EXPECT_EQ(WaitForEnd().status().state(), v1::TASK_STATE_TIMED_OUT);
}

// What stands still goes on only when somebody says so, under the limit that
// was left.
TEST_P(RunnerProcessTest, WhatIsSuspendedStaysSoWhenItTakesItsOwnPlace) {
  v1::JobSpec spec = Counter();
  *spec.mutable_timeout() = ToProto(absl::Seconds(3));
  Start(spec);
  Suspend(true);
  runner_->Signal(SIGUSR2);
  WaitForListings(2);
  EXPECT_EQ(NewestState(), v1::TASK_STATE_SUSPENDED);
  client_->Suspend(key_, false);
  EXPECT_EQ(WaitForEnd().status().state(), v1::TASK_STATE_TIMED_OUT);
}

// The next runner does not know that it was suspended, and shows it as running.
TEST_P(RunnerProcessTest, WhatAKilledRunnerHadSuspendedGoesOnUntilToldAgain) {
  Start(Counter());
  Suspend(true);
  KillRunner();
  StartRunner();
  WaitForListings(2);
  EXPECT_EQ(NewestState(), v1::TASK_STATE_RUNNING);
  EXPECT_TRUE(Counts());
  Suspend(true);
  client_->Stop(key_, {});
  EXPECT_EQ(WaitForEnd().status().state(), v1::TASK_STATE_STOPPED);
}

// What the process had, what waited for it and what comes again fit together.
TEST_P(RunnerProcessTest, InputGoesOnWhereItWasWhenItTakesItsOwnPlace) {
  FedJob job(Shell(fmt::format("while [ ! -e {} ]; do sleep 0.01; done; cat",
                               directory_.File("gate"))));
  Start(job.spec());
  std::string all;
  std::vector<std::string> chunks;
  for (char c = 'a'; c < 'k'; ++c) {
    // The pipe holds three of them and a part of the fourth.
    const std::string data = fmt::format("{}{}", std::string(20'000, c), c);
    chunks.push_back(job.Data(data));
    all += data;
  }
  const auto has_three = [](const runner::v1::AttemptState& state) {
    return state.input_taken() == 3;
  };
  Give({chunks.begin(), chunks.begin() + 6});
  WaitFor(has_three);
  TakeItsOwnPlace();
  EXPECT_FALSE(WaitFor(has_three).input_closed());
  chunks.push_back(job.End());
  Give(chunks);
  TakeItsOwnPlace();
  Give(chunks);
  OpenGate();
  const runner::v1::AttemptState state = WaitForEnd();
  EXPECT_EQ(state.status().state(), v1::TASK_STATE_COMPLETED);
  EXPECT_EQ(state.input_taken(), chunks.size());
  EXPECT_TRUE(OutputOf(state) == all);
}

TEST_P(RunnerProcessTest, ATerminalGoesOnWhenItTakesItsOwnPlace) {
  FedJob job(Shell("echo ready; read a; echo \"got $a\"; read b; stty size; "
                   "echo \"got $b\""),
             24, 80);
  Start(job.spec());
  WaitForOutput("ready");
  Give({job.Data("one\n")});
  WaitForOutput("got one");
  TakeItsOwnPlace();
  Give({job.Resize(50, 132), job.Data("two\n")});
  const runner::v1::AttemptState state = WaitForEnd();
  EXPECT_EQ(state.status().state(), v1::TASK_STATE_COMPLETED);
  EXPECT_EQ(OutputOf(state),
            "ready\r\none\r\ngot one\r\ntwo\r\n50 132\r\ngot two\r\n");
}

// Whoever held the other end for the next runner could command the process.
TEST_P(RunnerProcessTest, InputEndsWithARunnerThatIsKilled) {
  FedJob job(
      Shell(fmt::format("cat; while [ ! -e {} ]; do sleep 0.01; done; "
                        "echo over",
                        directory_.File("gate"))));
  Start(job.spec());
  KillRunner();
  StartRunner();
  WaitForListings(2);
  EXPECT_TRUE(WaitFor([](const runner::v1::AttemptState& state) {
                return state.status().state() == v1::TASK_STATE_RUNNING;
              }).input_closed());
  Give({job.Data("ignored")});
  OpenGate();
  EXPECT_EQ(OutputOf(WaitForEnd()), "over\n");
}

TEST_P(RunnerProcessTest, ATerminalHangsUpWithARunnerThatIsKilled) {
  const std::string path = directory_.File("end");
  FedJob job(Shell(fmt::format("trap 'echo hung up >{}; exit' HUP; echo ready; "
                               "while :; do sleep 0.01; done",
                               path)),
             24, 80);
  Start(job.spec());
  WaitForOutput("ready");
  KillRunner();
  EXPECT_TRUE(
      WaitUntil([&] { return ReadFile(path).value_or("") == "hung up\n"; }));
  StartRunner();
  EXPECT_TRUE(WaitForEnd().input_closed());
}

// What it could not go on as must not cost what runs.
TEST_P(RunnerProcessTest, WhenItCanNotBeExecutedItGoesOnAsItIs) {
  Start(TwoHalves());
  WaitForHalf();
  std::filesystem::remove(directory_.File("operators.pem"));
  runner_->Signal(SIGUSR2);
  EXPECT_TRUE(runner_->WaitForError("it goes on as it is"));
  OpenGate();
  const runner::v1::AttemptState state = WaitForEnd();
  EXPECT_EQ(state.status().outcome().exit_status(), 3);
  ExpectAllOutputOnce(state);
}

// Whoever holds the pipes saves the job: it neither dies of a broken pipe nor
// loses a byte, and it is not started again.
TEST_P(RunnerProcessTest, AKilledRunnersJobGoesOnUnderTheNextOne) {
  Start(TwoHalves());
  WaitForHalf();
  KillRunner();
  OpenGate();
  StartRunner();
  const runner::v1::AttemptState state = WaitForEnd();
  EXPECT_EQ(state.status().state(), v1::TASK_STATE_FAILED)
      << state.DebugString();
  EXPECT_EQ(state.status().outcome().exit_status(), 3);
  ExpectAllOutputOnce(state);
}

TEST_P(RunnerProcessTest, AJobThatEndsWithoutARunnerLosesNothing) {
  v1::JobSpec spec = TwoHalves();
  // Fits into the pipe: nothing needs a runner any more.
  spec.mutable_command()->set_arguments(
      2, fmt::format("echo $$ >{0}.new; mv {0}.new {0};"
                     "while [ ! -e {1} ]; do sleep 0.01; done; echo bye",
                     directory_.File("pid"), directory_.File("gate")));
  Start(spec);
  ASSERT_TRUE(WaitUntil([&] { return ReadFile(directory_.File("pid")).ok(); }));
  KillRunner();
  OpenGate();
  TUTTI_ASSERT_OK_AND_ASSIGN(const std::string pid,
                             ReadFile(directory_.File("pid")));
  ASSERT_TRUE(
      WaitUntil([&] { return IsOver(static_cast<pid_t>(std::stol(pid))); }));
  StartRunner();
  const runner::v1::AttemptState state = WaitForEnd();
  EXPECT_GT(state.end_position(), kLogHeaderBytes);
  // With a cgroup the status is known where the kernel keeps it.
  EXPECT_THAT(state.status().state(), ::testing::AnyOf(v1::TASK_STATE_COMPLETED,
                                                       v1::TASK_STATE_UNKNOWN));
  if (GetParam()) {
    EXPECT_EQ(state.status().state(), v1::TASK_STATE_COMPLETED);
  }
}

// The agent went down with it: nobody has the pipes.
TEST_P(RunnerProcessTest, WhatNobodyHeldIsUnknown) {
  Start(TwoHalves());
  WaitForHalf();
  KillRunner();
  client_.reset();
  {
    MutexLock lock(mutex_);
    newest_.Clear();
  }
  Connect();
  StartRunner();
  const runner::v1::AttemptState state = WaitForEnd();
  EXPECT_EQ(state.status().state(), v1::TASK_STATE_UNKNOWN);
  EXPECT_THAT(state.status().outcome().reason(), HasSubstr("restarted"));
}

}  // namespace
}  // namespace tutti::testing

int main(int argc, char** argv) {
  if (argc == 4 && std::string_view(argv[1]) == "--serve") {
    const absl::Status status = tutti::testing::Serve(argv);
    if (!status.ok()) fmt::print(stderr, "{}\n", tutti::TextOf(status));
    return status.ok() ? EXIT_SUCCESS : EXIT_FAILURE;
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
