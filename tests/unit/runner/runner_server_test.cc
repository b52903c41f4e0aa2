// The runner as agents see it: real processes, a real socket, real signatures.
#include "agent/runner/server/runner_server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "common/base/duration.h"
#include "common/base/file_descriptor.h"
#include "common/base/files.h"
#include "common/base/mutex.h"
#include "common/base/uuid.h"
#include "common/jobs/states.h"
#include "common/records/spool_reader.h"
#include "common/runner_client/runner_socket.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/runner/contained_runner_test.h"
#include "tests/unit/runner/test_runner.h"

namespace tutti::runner {
namespace {

using ::testing::HasSubstr;
using ::tutti::testing::TestRunner;

constexpr auto kOut = tutti::v1::OUTPUT_STREAM_STDOUT;
constexpr auto kErr = tutti::v1::OUTPUT_STREAM_STDERR;
constexpr auto kEvent = tutti::v1::OUTPUT_STREAM_EVENT;

class RunnerServerTest : public ContainedRunnerTest {};

INSTANTIATE_TEST_SUITE_P(, RunnerServerTest, BothContainments(),
                         ContainmentName);

TEST_P(RunnerServerTest, RunsAndReportsOnceAtTheEnd) {
  const v1::AttemptState state =
      runner_.RunShell("echo out; echo err >&2; exit 3");
  EXPECT_EQ(state.status().state(), tutti::v1::TASK_STATE_FAILED);
  EXPECT_EQ(state.status().outcome().exit_status(), 3);
  EXPECT_GT(state.status().outcome().usage().peak_resident_bytes(), 0u);
  EXPECT_TRUE(state.status().has_started_at());
  EXPECT_TRUE(state.status().has_ended_at());
  EXPECT_EQ(runner_.Output(state.key(), kOut), "out\n");
  EXPECT_EQ(runner_.Output(state.key(), kErr), "err\n");
}

TEST_P(RunnerServerTest, ATaskWithoutOutputHasNoFile) {
  const v1::AttemptState state = runner_.Run(TestRunner::Spec({"true"}));
  EXPECT_EQ(state.status().state(), tutti::v1::TASK_STATE_COMPLETED);
  EXPECT_EQ(state.end_position(), 0u);
  EXPECT_FALSE(std::filesystem::exists(runner_.SpoolPath(state.key())));
}

TEST_P(RunnerServerTest, ASignalIsRecorded) {
  const v1::AttemptState state = runner_.RunShell("kill -SEGV $$");
  EXPECT_EQ(state.status().state(), tutti::v1::TASK_STATE_FAILED);
  EXPECT_EQ(state.status().outcome().signal(), SIGSEGV);
}

// Whatever is in an argument, no shell or parser of ours may touch it.
TEST_P(RunnerServerTest, ArgumentsArriveByteForByte) {
  std::vector<std::string> arguments = {"/usr/bin/printf", "%s\\001"};
  std::string expected;
  for (const std::string argument :
       {"", "--", "-x", "a b", "[a,b]", "{x}", "$HOME", "`id`", "\"'\\", "*",
        "\n", "\xff\xfe\x01", "end"}) {
    arguments.push_back(argument);
    expected += argument + '\001';
  }
  const v1::AttemptState state = runner_.Run(TestRunner::Spec(arguments));
  EXPECT_EQ(runner_.Output(state.key(), kOut), expected);
}

TEST_P(RunnerServerTest, BinaryOutputComesUnchanged) {
  std::string program;
  std::string expected;
  for (int byte = 0; byte < 256; ++byte) {
    program += fmt::format("\\{:03o}", byte);
    expected += static_cast<char>(byte);
  }
  const v1::AttemptState state =
      runner_.Run(TestRunner::Spec({"/usr/bin/printf", program}));
  EXPECT_EQ(runner_.Output(state.key(), kOut), expected);
}

TEST_P(RunnerServerTest, TenMegabytesComeWhole) {
  const v1::AttemptState state =
      runner_.RunShell("seq 1 1500000 | tee /dev/stderr");
  std::string expected;
  for (int i = 1; i <= 1'500'000; ++i) expected += std::to_string(i) + "\n";
  EXPECT_GT(expected.size(), 10u << 20);
  EXPECT_TRUE(runner_.Output(state.key(), kOut) == expected);
  EXPECT_TRUE(runner_.Output(state.key(), kErr) == expected);
}

TEST_P(RunnerServerTest, TheEnvironmentIsCleanAndSaysWhatRuns) {
  setenv("TUTTI_TEST_LEAK", "1", 1);
  tutti::v1::JobSpec spec = TestRunner::Spec({"env"});
  tutti::v1::EnvironmentVariable& variable = *spec.add_environment();
  variable.set_name("MINE");
  variable.set_value("a b");
  const v1::AttemptState state = runner_.Run(spec);
  const std::string output = runner_.Output(state.key(), kOut);
  for (const std::string line :
       {"MINE=a b\n", "TUTTI_FLEET=demo\n", "TUTTI_ATTEMPT=1\n",
        "TUTTI_TARGET=web01\n", "TUTTI_COUNT=1\n", "LANG=C.UTF-8\n"}) {
    EXPECT_THAT(output, HasSubstr(line));
  }
  EXPECT_THAT(output,
              HasSubstr("TUTTI_JOB=" +
                        Uuid::FromBytes(spec.job_uuid())->ToString() + "\n"));
  EXPECT_THAT(output, ::testing::Not(HasSubstr("TUTTI_TEST_LEAK")));
}

TEST_P(RunnerServerTest, TheProcessHasASessionAndNoDescriptorsOfOurs) {
  const v1::AttemptState state = runner_.RunShell(
      "umask; ls /proc/self/fd | wc -l; readlink /proc/self/fd/0;"
      "[ $(cut -d' ' -f6 /proc/$$/stat) = $$ ] && echo leads");
  // ls has its own descriptor for the folder as the fourth.
  EXPECT_EQ(runner_.Output(state.key(), kOut), "0022\n4\n/dev/null\nleads\n");
}

TEST_P(RunnerServerTest, AProgramThatIsNotThereIsNotStarted) {
  const v1::AttemptState state =
      runner_.Run(TestRunner::Spec({"no-such-program"}));
  EXPECT_EQ(state.status().state(), tutti::v1::TASK_STATE_NOT_STARTED);
  EXPECT_EQ(state.status().outcome().start_errno(), ENOENT);
  EXPECT_THAT(state.status().outcome().reason(),
              HasSubstr("no such program 'no-such-program' in PATH"));
}

TEST_P(RunnerServerTest, AProgramThatMayNotRunIsNotStarted) {
  const v1::AttemptState state = runner_.Run(TestRunner::Spec({"/etc/passwd"}));
  EXPECT_EQ(state.status().state(), tutti::v1::TASK_STATE_NOT_STARTED);
  EXPECT_EQ(state.status().outcome().start_errno(), EACCES);
  EXPECT_EQ(state.status().outcome().reason(),
            "cannot run /etc/passwd: permission denied");
}

// Otherwise the agent could not read the state, and never again a listing.
TEST_P(RunnerServerTest, AFailureCanBeToldWhateverTheProgramsNameIs) {
  const v1::AttemptState large =
      runner_.Run(TestRunner::Spec({std::string(70'000, 'x')}));
  EXPECT_EQ(large.status().state(), tutti::v1::TASK_STATE_NOT_STARTED);
  EXPECT_EQ(large.status().outcome().start_errno(), ENAMETOOLONG);
  EXPECT_LE(large.status().outcome().reason().size(), kMaxReasonBytes);
  const v1::AttemptState binary =
      runner_.Run(TestRunner::Spec({"/\xff/" + std::string(600, '\xe9')}));
  EXPECT_EQ(binary.status().state(), tutti::v1::TASK_STATE_NOT_STARTED);
  EXPECT_THAT(binary.status().outcome().reason(),
              HasSubstr("cannot run /\ufffd/"));
}

TEST_P(RunnerServerTest, ADirectoryThatIsNotThereIsNotStarted) {
  tutti::v1::JobSpec spec = TestRunner::Spec({"true"});
  spec.set_working_directory("/no/such/place");
  const v1::AttemptState state = runner_.Run(spec);
  EXPECT_EQ(state.status().state(), tutti::v1::TASK_STATE_NOT_STARTED);
  EXPECT_EQ(state.status().outcome().start_errno(), ENOENT);
  EXPECT_THAT(state.status().outcome().reason(), HasSubstr("/no/such/place"));
}

TEST_P(RunnerServerTest, AUserThatIsNotThereIsRefused) {
  tutti::v1::JobSpec spec = TestRunner::Spec({"true"});
  spec.set_user("no-such-user");
  const v1::AttemptState state = runner_.Run(spec);
  EXPECT_EQ(state.status().state(), tutti::v1::TASK_STATE_REFUSED);
  EXPECT_EQ(state.status().outcome().reason(),
            "no user 'no-such-user' on this host");
}

// A directory server that does not answer holds up only who needs it.
TEST_P(RunnerServerTest, ALookupThatHangsHoldsUpNobodyElse) {
  Mutex mutex;
  CondVar changed;
  bool answered = false;
  int asked = 0;
  RunnerServer::Options options = Contained();
  options.look_up_user = [&](const UserQuery& query) -> absl::StatusOr<User> {
    if (query.name != "slow") return LookUpUser(query);
    MutexLock lock(mutex);
    ++asked;
    changed.NotifyAll();
    while (!answered) changed.Wait(mutex);
    return absl::NotFoundError("no user 'slow' on this host");
  };
  TestRunner runner(options);
  tutti::v1::JobSpec spec = TestRunner::Spec({"true"});
  spec.set_user("slow");
  const tutti::v1::AttemptKey first = runner.Start(spec);
  spec = TestRunner::Spec({"true"});
  spec.set_user("slow");
  const tutti::v1::AttemptKey second = runner.Start(spec);
  EXPECT_EQ(runner.RunShell("true").status().state(),
            tutti::v1::TASK_STATE_COMPLETED);
  EXPECT_EQ(runner.StatesSeen(first), 0);
  {
    MutexLock lock(mutex);
    while (asked == 0) changed.Wait(mutex);
    EXPECT_EQ(asked, 1) << "asked twice for the same";
    answered = true;
    changed.NotifyAll();
  }
  for (const tutti::v1::AttemptKey& key : {first, second}) {
    EXPECT_EQ(runner.WaitForEnd(key).status().state(),
              tutti::v1::TASK_STATE_REFUSED);
  }
}

TEST_P(RunnerServerTest, RootBecomesAnotherUserWithAllItsGroups) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  tutti::v1::JobSpec spec = TestRunner::Spec({"id"});
  spec.set_user("nobody");
  const v1::AttemptState state = runner_.Run(spec);
  EXPECT_EQ(runner_.Output(state.key(), kOut),
            "uid=65534(nobody) gid=65534(nogroup) groups=65534(nogroup)\n");
}

TEST_P(RunnerServerTest, AJobThatWasChangedIsRefusedAndRunsNothing) {
  tutti::v1::JobSpec spec = TestRunner::Spec({"true"});
  spec.set_fleet("other");
  const v1::AttemptState state = runner_.Run(spec);
  EXPECT_EQ(state.status().state(), tutti::v1::TASK_STATE_REFUSED);
  EXPECT_FALSE(state.status().outcome().reason().empty());
}

// A large envelope takes another way: a sealed memory file.
TEST_P(RunnerServerTest, ALargeSpecArrives) {
  const std::string large(300'000, 'x');
  tutti::v1::JobSpec spec = TestRunner::Spec({"/bin/sh", "-c", "echo ${#A}"});
  for (int i = 0; i < 3; ++i) {
    tutti::v1::EnvironmentVariable& variable = *spec.add_environment();
    variable.set_name(std::string(1, static_cast<char>('A' + i)));
    variable.set_value(large.substr(0, 100'000));
  }
  const v1::AttemptState state = runner_.Run(spec);
  EXPECT_EQ(runner_.Output(state.key(), kOut), "100000\n");
}

// What nobody takes makes the command wait, and nothing is lost by that.
TEST_P(RunnerServerTest, OutputOverTheLimitWaitsForAcknowledgements) {
  RunnerServer::Options options = Contained();
  options.spool_task_limit = 256 << 10;
  TestRunner runner(options);
  const tutti::v1::AttemptKey key =
      runner.Start(TestRunner::Spec({"seq", "1", "300000"}));
  std::string expected;
  for (int i = 1; i <= 300'000; ++i) expected += std::to_string(i) + "\n";
  std::string output;
  uint64_t position = 0;
  bool ended = false;
  while (!ended) {
    const v1::AttemptState state =
        runner.WaitFor(key, [&](const v1::AttemptState& now) {
          ended = IsFinal(now.status().state());
          return now.end_position() > position || ended;
        });
    EXPECT_LE(state.end_position() - state.start_position(),
              (256u << 10) + (600u << 10));
    TUTTI_ASSERT_OK_AND_ASSIGN(SpoolReader reader,
                               SpoolReader::Open(runner.SpoolPath(key)));
    while (position < state.end_position()) {
      TUTTI_ASSERT_OK_AND_ASSIGN(
          const SpoolReader::Batch batch,
          reader.Read(position, state.end_position(), 1 << 20));
      for (const auto& chunk : batch.chunks) output += chunk.data();
      position = batch.next_position;
    }
    runner.client().AcknowledgeOutput(key, position);
  }
  EXPECT_TRUE(output == expected);
}

// A command that nobody listens to ends all the same, and what it lost is
// told to the byte.
TEST_P(RunnerServerTest, ToldToDropItLosesTheOldestOutputAndSaysHowMuch) {
  RunnerServer::Options options = Contained();
  options.spool_task_limit = 256 << 10;
  options.full_spool = FullSpool::kDrop;
  TestRunner runner(options);
  const v1::AttemptState state =
      runner.Run(TestRunner::Spec({"seq", "1", "300000"}));
  EXPECT_EQ(state.status().state(), tutti::v1::TASK_STATE_COMPLETED);
  std::string expected;
  for (int i = 1; i <= 300'000; ++i) expected += std::to_string(i) + "\n";
  const std::string tail = runner.Output(state.key(), kOut);
  EXPECT_TRUE(expected.ends_with(tail));
  EXPECT_GT(tail.size(), 64u << 10);
  EXPECT_THAT(runner.Output(state.key(), kEvent),
              HasSubstr(fmt::format("{} bytes of its output were dropped",
                                    expected.size() - tail.size())));
}

TEST_P(RunnerServerTest, AReplayedAttemptIsAnsweredAndNeverRunAgain) {
  const std::string path = runner_.directory().File("runs");
  const tutti::v1::JobSpec spec =
      TestRunner::Spec({"/bin/sh", "-c", "echo ran >>" + path});
  const v1::AttemptState first = runner_.Run(spec);
  // While it is known, after its release, and after a restart.
  runner_.ForgetStates();
  runner_.Restart();
  EXPECT_EQ(runner_.Run(spec).status().DebugString(),
            first.status().DebugString());
  runner_.client().Release(first.key());
  runner_.Restart();
  EXPECT_EQ(runner_.Run(spec).status().DebugString(),
            first.status().DebugString());
  EXPECT_THAT(
      ReadFile(path),
      ::testing::Property(&absl::StatusOr<std::string>::value, "ran\n"));
}

// If this fails, what was not to be kept lies on the target for a day.
TEST_P(RunnerServerTest, OfWhatIsNotToBeKeptNothingStays) {
  const std::string gate = runner_.directory().File("gate");
  tutti::v1::JobSpec spec = TestRunner::Spec(
      {"/bin/sh", "-c",
       fmt::format("echo one; while [ ! -e {} ]; do sleep 0.01; done; echo two",
                   gate)});
  spec.set_no_keep(true);
  const tutti::v1::AttemptKey key = runner_.Start(spec);
  const uint64_t one =
      runner_
          .WaitFor(key, [](const auto& now) { return now.end_position() > 0; })
          .end_position();
  runner_.client().AcknowledgeOutput(key, one);
  ASSERT_TRUE(WriteFileAtomically(gate, "", 0600).ok());
  EXPECT_EQ(runner_.WaitForEnd(key).start_position(), one);
  // Another runner knows it, too.
  runner_.Restart();
  runner_.WaitForListing();
  EXPECT_TRUE(std::filesystem::exists(runner_.SpoolPath(key)));
  runner_.client().Release(key);
  runner_.Restart();
  runner_.WaitForListing();
  EXPECT_FALSE(std::filesystem::exists(runner_.SpoolPath(key)));
}

// What it asks for must not fill the runner's memory.
TEST_P(RunnerServerTest, AnAgentThatDoesNotReadIsCutOff) {
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const FileDescriptor line,
      ConnectToRunner(runner_.state_directory() + "/runner.sock"));
  v1::AgentMessage hello;
  hello.mutable_hello()->set_version(1);
  const RunnerPacket packet = {hello.SerializeAsString(), nullptr};
  absl::Status status;
  for (int i = 0; i < 1'000'000 && !absl::IsInternal(status); ++i) {
    status = SendPacket(line.get(), packet);
    pollfd room = {line.get(), POLLOUT, 0};
    if (absl::IsUnavailable(status)) poll(&room, 1, -1);
  }
  EXPECT_TRUE(absl::IsInternal(status)) << "everything was queued";
  EXPECT_EQ(runner_.RunShell("exit 0").status().state(),
            tutti::v1::TASK_STATE_COMPLETED);
}

TEST_P(RunnerServerTest, AReleasedAttemptIsListedNoMore) {
  const v1::AttemptState kept = runner_.RunShell("echo kept");
  const v1::AttemptState released = runner_.RunShell("echo released");
  runner_.client().Release(released.key());
  runner_.Restart();
  runner_.WaitForListing();
  EXPECT_EQ(runner_.StatesSeen(kept.key()), 1);
  EXPECT_EQ(runner_.StatesSeen(released.key()), 0);
  // Still there for those who want it again.
  EXPECT_TRUE(std::filesystem::exists(runner_.SpoolPath(released.key())));
  runner_.clock().Advance(absl::Hours(25));
  runner_.Restart();
  runner_.WaitForListing();
  EXPECT_FALSE(std::filesystem::exists(runner_.SpoolPath(released.key())));
  EXPECT_TRUE(std::filesystem::exists(runner_.SpoolPath(kept.key())));
}

TEST_P(RunnerServerTest, ManyAtOnceAllEnd) {
  std::vector<tutti::v1::AttemptKey> keys;
  for (int i = 0; i < 300; ++i) {
    keys.push_back(runner_.Start(TestRunner::Spec({"echo", "x"})));
  }
  for (const tutti::v1::AttemptKey& key : keys) {
    EXPECT_EQ(runner_.WaitForEnd(key).status().state(),
              tutti::v1::TASK_STATE_COMPLETED);
  }
}

}  // namespace
}  // namespace tutti::runner
