// Jobs outlive the call that started them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include <memory>
#include <string>
#include <vector>

#include "common/base/files.h"
#include "tests/integration/fleet_test.h"
#include "tests/support/wait.h"

namespace tutti::testing {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class JobVerbsTest : public FleetTest {};

TEST_F(JobVerbsTest, DetachedJobIsReceivedLater) {
  const Finished started = fleet().Run(
      {"run", "-d", "-t", "all", "--name", "later", "--", "echo", "from afar"});
  EXPECT_EQ(started.status, 0) << started.error;
  EXPECT_THAT(started.output, MatchesRegex("[0-9]+\n"));
  EXPECT_EQ(fleet().Run({"job", "wait", "later"}).status, 0);
  for (int reading = 0; reading < 2; ++reading) {
    const Finished received = fleet().Run({"job", "receive", "later"});
    EXPECT_EQ(received.status, 0) << received.error;
    EXPECT_THAT(received.output, AllOf(HasSubstr("web1: from afar\n"),
                                       HasSubstr("web3: from afar\n")));
  }
}

TEST_F(JobVerbsTest, JobsAreListedAndShown) {
  fleet().Run({"run", "-t", "web2", "--name", "listed", "--", "false"});
  const Finished listed = fleet().Run({"job", "list"});
  EXPECT_EQ(listed.status, 0);
  EXPECT_THAT(listed.output, AllOf(HasSubstr("listed"), HasSubstr("FAILED")));
  const Finished shown = fleet().Run({"job", "show", "last:listed"});
  EXPECT_THAT(shown.output, AllOf(HasSubstr("web2"), HasSubstr("FAILED")));
  const Finished json = fleet().Run({"job", "show", "listed", "-o", "json"});
  EXPECT_THAT(json.output, HasSubstr("\"v\""));
}

// As run, and the output is not shown.
TEST_F(JobVerbsTest, WaitEndsWithTheStatusOfTheJob) {
  fleet().Run({"run", "-d", "-t", "all", "--name", "mixed", "-c",
               "echo noise; [ $TUTTI_TARGET != web2 ]"});
  const Finished waited = fleet().Run({"job", "wait", "mixed"});
  EXPECT_EQ(waited.status, 1);
  EXPECT_EQ(waited.output, "");
  EXPECT_THAT(waited.error, HasSubstr("1 failed (exit 1): web2"));
  fleet().Run({"run", "-t", "web1", "--name", "fine", "--", "true"});
  const Finished fine = fleet().Run({"job", "wait", "fine"});
  EXPECT_EQ(fine.status, 0);
  EXPECT_EQ(fine.error, "");
  EXPECT_EQ(fleet().Run({"job", "wait", "fine", "--timeout", "0"}).status, 0);
  const Finished unknown = fleet().Run({"job", "wait", "nobody-knows-it"});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_THAT(unknown.error, HasSubstr("nobody-knows-it"));
}

TEST_F(JobVerbsTest, WaitHasAnExitStatusOfItsOwnOnATimeout) {
  fleet().Run(
      {"run", "-d", "-t", "web1", "--name", "slow", "--", "sleep", "1000"});
  const Finished waited =
      fleet().Run({"job", "wait", "slow", "--timeout", "1s"});
  EXPECT_EQ(waited.status, 7);
  EXPECT_THAT(waited.error, HasSubstr("waited 1s; job "));
  EXPECT_EQ(fleet().Run({"job", "wait", "slow", "--timeout", "0"}).status, 7);
  EXPECT_EQ(fleet().Run({"job", "stop", "slow"}).status, 0);
  EXPECT_EQ(fleet().Run({"job", "wait", "slow"}).status, 3);
}

// If this fails, a script does not learn which of its jobs it may use.
TEST_F(JobVerbsTest, WaitForSeveralJobsNamesDoneAndPending) {
  fleet().Run({"run", "-t", "web1", "--name", "quick", "--", "true"});
  fleet().Run({"run", "-t", "web2", "--name", "failing", "--", "false"});
  fleet().Run(
      {"run", "-d", "-t", "web3", "--name", "endless", "--", "sleep", "1000"});
  ASSERT_TRUE(WaitUntil([] {
    return fleet()
               .Run({"job", "list", "--task-state", "running"})
               .output.find("endless") != std::string::npos;
  }));
  const auto wait = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"job", "wait"});
    return fleet().Run(arguments);
  };
  const Finished all = wait({"quick", "failing"});
  EXPECT_EQ(all.status, 1) << all.error;
  EXPECT_THAT(all.output, AllOf(HasSubstr("quick"), HasSubstr("FAILED")));
  EXPECT_EQ(all.error, "");
  const Finished any = wait({"quick", "endless", "--any", "-o", "jsonl"});
  EXPECT_EQ(any.status, 0) << any.error;
  EXPECT_THAT(any.output, AllOf(HasSubstr(R"("name":"quick","done":true)"),
                                HasSubstr(R"("name":"endless","done":false)")));
  for (const char* timeout : {"0", "1s"}) {
    const Finished pending =
        wait({"quick", "endless", "--timeout", timeout, "-o", "jsonl"});
    EXPECT_EQ(pending.status, 7) << timeout;
    EXPECT_EQ(pending.output, any.output) << timeout;
    EXPECT_THAT(pending.error, HasSubstr("pending: job ")) << timeout;
  }
  EXPECT_EQ(wait({"quick", "endless", "--any", "--timeout", "0"}).status, 0);
  const Finished one = wait({"quick", "-o", "jsonl"});
  EXPECT_EQ(one.status, 0);
  EXPECT_THAT(one.output, HasSubstr(R"("done":true)"));
  EXPECT_EQ(wait({"quick", "nobody-knows-it"}).status, 2);
  EXPECT_EQ(wait({"quick", "--any", "--all"}).status, 2);
  auto waiting = fleet().Start({"job", "wait", "quick", "endless", "--all"});
  fleet().Run({"job", "stop", "endless"});
  EXPECT_EQ(waiting->Wait(), 3);
}

TEST_F(JobVerbsTest, RemoveRefusesAnUnfinishedJob) {
  fleet().Run(
      {"run", "-d", "-t", "web1", "--name", "kept", "--", "sleep", "1000"});
  const Finished refused = fleet().Run({"job", "remove", "kept"});
  EXPECT_NE(refused.status, 0);
  EXPECT_THAT(refused.error, HasSubstr("stop"));
  EXPECT_EQ(fleet().Run({"job", "remove", "--force", "kept"}).status, 0);
  EXPECT_NE(fleet().Run({"job", "show", "kept"}).status, 0);
}

TEST_F(JobVerbsTest, ManyReadersSeeTheSame) {
  const std::string gate = fleet().File("readers-gate");
  fleet().Run({"run", "-d", "-t", "web1", "--name", "read-by-many", "-c",
               "seq 1 100000; while [ ! -e " + gate +
                   " ]; do sleep 0.01; done; seq 1 100000"});
  std::vector<std::unique_ptr<Process>> readers;
  for (int i = 0; i < 4; ++i) {
    readers.push_back(
        fleet().Start({"job", "receive", "--follow", "-N", "read-by-many"}));
  }
  ASSERT_TRUE(readers[0]->WaitForOutput("\n100000\n"));
  ASSERT_TRUE(WriteFileAtomically(gate, "", 0644).ok());
  for (auto& reader : readers) {
    EXPECT_EQ(reader->Wait(), 0) << reader->error();
    reader->Drain();
    EXPECT_EQ(reader->output(), readers[0]->output());
    EXPECT_EQ(reader->output().size(), size_t{2 * 588895});
  }
}

TEST_F(JobVerbsTest, TheLastLinesAndThenWhatFollows) {
  const std::string gate = fleet().File("tail-gate");
  fleet().Run({"run", "-d", "-t", "web1", "--name", "tailed", "-c",
               "seq 1 1000; while [ ! -e " + gate +
                   " ]; do sleep 0.01; done; echo more; exit 3"});
  auto from_start = fleet().Start({"job", "receive", "--follow", "tailed"});
  ASSERT_TRUE(from_start->WaitForOutput("web1: 1000\n"));
  const Finished tail =
      fleet().Run({"job", "receive", "tailed", "--tail", "2"});
  EXPECT_EQ(tail.output, "web1: 999\nweb1: 1000\n");
  auto follower = fleet().Start(
      {"job", "receive", "tailed", "--tail", "1", "--follow", "--events"});
  ASSERT_TRUE(follower->WaitForOutput("web1: 1000\n"));
  ASSERT_TRUE(WriteFileAtomically(gate, "", 0644).ok());
  EXPECT_EQ(follower->Wait(), 1);
  follower->Drain();
  EXPECT_EQ(follower->output(), "web1: 1000\nweb1: more\n");
  EXPECT_THAT(follower->error(),
              AllOf(HasSubstr("web1: tutti: RUNNING\n"),
                    HasSubstr("web1: tutti: FAILED (exit 3)\n")));
  const Finished since =
      fleet().Run({"job", "receive", "tailed", "--output-since", "1d"});
  EXPECT_THAT(since.output, HasSubstr("web1: 1\n"));
  const Finished later =
      fleet().Run({"job", "receive", "tailed", "--output-since", "2999-01-01"});
  EXPECT_EQ(later.output, "");
}

// If this fails, a report that is made from time to time lacks lines, or has
// them twice.
TEST_F(JobVerbsTest, ACursorGivesOnlyWhatIsNew) {
  setenv("XDG_STATE_HOME", fleet().File("state").c_str(), 1);
  const std::string gate = fleet().File("cursor-gate");
  fleet().Run({"run", "-d", "-t", "web[1-2]", "--name", "in-parts", "-c",
               "echo first; while [ ! -e " + gate +
                   " ]; do sleep 0.01; done; echo second"});
  auto watcher = fleet().Start({"job", "receive", "--follow", "in-parts"});
  ASSERT_TRUE(watcher->WaitForOutput("web1: first\n"));
  ASSERT_TRUE(watcher->WaitForOutput("web2: first\n"));
  const std::vector<std::string> read = {"job", "receive", "in-parts",
                                         "--cursor", "report"};
  EXPECT_THAT(fleet().Run(read).output,
              AllOf(HasSubstr("web1: first\n"), HasSubstr("web2: first\n")));
  EXPECT_EQ(fleet().Run(read).output, "");
  ASSERT_TRUE(WriteFileAtomically(gate, "", 0644).ok());
  EXPECT_EQ(watcher->Wait(), 0);
  EXPECT_THAT(fleet().Run(read).output, AnyOf("web1: second\nweb2: second\n",
                                              "web2: second\nweb1: second\n"));
  EXPECT_EQ(fleet().Run(read).output, "");
  EXPECT_THAT(
      fleet().Run({"job", "receive", "in-parts", "--cursor", "other"}).output,
      HasSubstr("web1: first\nweb1: second\n"));
  const Finished bad =
      fleet().Run({"job", "receive", "in-parts", "--cursor", "../x"});
  EXPECT_EQ(bad.status, 2);
  EXPECT_THAT(bad.error, HasSubstr("cursor's name"));
}

TEST_F(JobVerbsTest, ACursorHasOneReaderAtATime) {
  setenv("XDG_STATE_HOME", fleet().File("state").c_str(), 1);
  fleet().Run({"run", "-d", "-t", "web1", "--name", "watched", "-c",
               "echo first; sleep 1000"});
  auto reader = fleet().Start(
      {"job", "receive", "watched", "--follow", "--cursor", "one"});
  ASSERT_TRUE(reader->WaitForOutput("web1: first\n"));
  const Finished second =
      fleet().Run({"job", "receive", "watched", "--cursor", "one"});
  EXPECT_EQ(second.status, 2);
  EXPECT_THAT(second.error, HasSubstr("use another name"));
  reader->Signal(SIGTERM);
  EXPECT_EQ(reader->Wait(), 7);
  // What was written out before the signal counts as read.
  EXPECT_EQ(
      fleet().Run({"job", "receive", "watched", "--cursor", "one"}).output, "");
  fleet().Run({"job", "stop", "watched"});
}

}  // namespace
}  // namespace tutti::testing
