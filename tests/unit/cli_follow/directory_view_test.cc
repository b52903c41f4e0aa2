#include "controller/cli/follow/directory_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "common/base/files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/cli_follow/job_messages.h"

namespace tutti::cli {
namespace {

using ::testing::HasSubstr;
using ::tutti::testing::StatusIs;
using ::tutti::testing::TemporaryDirectory;

TEST(DirectoryViewTest, AFileForEachTargetAndStream) {
  TemporaryDirectory directory;
  ViewedJob<DirectoryView> job("web[1-3]", 3, directory.path());
  job.Say(0, std::string("\0\xff", 2));
  job.Say(0, "err", v1::OUTPUT_STREAM_STDERR);
  job.Say(0, "more");
  job.Apply(StatusMessage(1, Ended(v1::TASK_STATE_COMPLETED, 0)));
  job.Apply(StatusMessage(2, Status(v1::TASK_STATE_EXPIRED)));
  TUTTI_EXPECT_OK(job.view().Finish(0));
  EXPECT_EQ(ReadFile(directory.File("web1.stdout")).value(),
            std::string("\0\xffmore", 6));
  EXPECT_EQ(ReadFile(directory.File("web1.stderr")).value(), "err");
  // It ran and said nothing.
  EXPECT_EQ(ReadFile(directory.File("web2.stdout")).value(), "");
  EXPECT_EQ(ReadFile(directory.File("web2.stderr")).value(), "");
  // It did not run.
  EXPECT_FALSE(ReadFile(directory.File("web3.stdout")).ok());
  EXPECT_EQ(job.output + job.error, "");
}

// More files than may be open at a time.
TEST(DirectoryViewTest, ManyTargets) {
  TemporaryDirectory directory;
  ViewedJob<DirectoryView> job("n[0-999]", 1000, directory.path());
  for (const char* text : {"a", "b"}) {
    for (uint32_t task = 0; task < 1000; ++task) job.Say(task, text);
  }
  TUTTI_EXPECT_OK(job.view().Finish(0));
  EXPECT_EQ(ReadFile(directory.File("n0.stdout")).value(), "ab");
  EXPECT_EQ(ReadFile(directory.File("n999.stdout")).value(), "ab");
}

TEST(DirectoryViewTest, FollowsNoLinkAndSaysSo) {
  TemporaryDirectory directory;
  ASSERT_EQ(symlink("/tmp/elsewhere", directory.File("web1.stdout").c_str()),
            0);
  ViewedJob<DirectoryView> job("web1", 1, directory.path());
  job.Say(0, "x");
  EXPECT_FALSE(job.view().Finish(0).ok());
  EXPECT_THAT(job.error, HasSubstr("web1.stdout"));
}

TEST(PrepareOutputDirectoryTest, TakesANewOrAnEmptyFolder) {
  TemporaryDirectory directory;
  TUTTI_EXPECT_OK(PrepareOutputDirectory(directory.path()));
  TUTTI_EXPECT_OK(PrepareOutputDirectory(directory.File("new/deep")));
  EXPECT_THAT(
      PrepareOutputDirectory(directory.path()),
      StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("is not empty")));
}

}  // namespace
}  // namespace tutti::cli
