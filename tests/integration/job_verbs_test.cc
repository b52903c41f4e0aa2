// Jobs outlive the call that started them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/base/files.h"
#include "tests/integration/fleet_test.h"

namespace tutti::testing {
namespace {

using ::testing::AllOf;
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

}  // namespace
}  // namespace tutti::testing
