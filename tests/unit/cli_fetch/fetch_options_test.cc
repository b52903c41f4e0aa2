#include "controller/cli/fetch/fetch_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace tutti::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::tutti::testing::StatusIs;
using ::tutti::testing::TemporaryDirectory;

class FetchOptionsTest : public ::testing::Test {
 protected:
  FetchOptions Words(std::vector<std::string> paths) {
    FetchOptions options;
    options.run.targets = {"web1"};
    options.words = std::move(paths);
    options.words.push_back(directory_.File("out"));
    return options;
  }
  static absl::Status Plan(FetchOptions options, bool is_root = true) {
    return MakeFetchPlan(options, is_root).status();
  }

  TemporaryDirectory directory_;
};

TEST_F(FetchOptionsTest, PathsAreSignedAsTheyWillBeCalledHere) {
  FetchOptions options = Words({"//etc/./hosts/", "/srv/[a,b]"});
  options.rate = "10M/s";
  TUTTI_ASSERT_OK_AND_ASSIGN(const RunPlan plan, MakeFetchPlan(options, true));
  EXPECT_THAT(plan.work.fetch().paths(),
              ElementsAre("/etc/hosts", "/srv/[a,b]"));
  EXPECT_EQ(plan.work.fetch().rate(), 10u << 20);
  EXPECT_TRUE(plan.work.no_keep());
  ASSERT_TRUE(plan.rollout.fanout.has_value());
  EXPECT_EQ(plan.rollout.fanout->RoundedUp(1000), 32u);
}

TEST_F(FetchOptionsTest, WhatContradictsIsRefused) {
  const auto refuses = [](const std::string& text) {
    return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(text));
  };
  EXPECT_THAT(Plan(Words({})), refuses("nothing to fetch"));
  EXPECT_THAT(Plan(Words({"etc"})), refuses("no absolute path"));
  EXPECT_THAT(Plan(Words({"/"})), refuses("no name"));
  EXPECT_THAT(Plan(Words({"/a/../b"})), refuses("goes up"));
  EXPECT_THAT(Plan(Words({"/a", "/a/b"})), refuses("within each other"));
  EXPECT_THAT(Plan(Words({"/a", "/ab", "/a/"})), refuses("the same"));
  FetchOptions options = Words({"/a"});
  options.preserve_owner = true;
  EXPECT_THAT(Plan(options, /*is_root=*/false), refuses("only root"));
  options.gather = true;
  EXPECT_THAT(Plan(options), refuses("--gather"));
  options = Words({"/a"});
  options.run.detach = true;
  EXPECT_THAT(Plan(options), refuses("-d"));
}

TEST_F(FetchOptionsTest, TheFolderIsMadeUnlessNothingStarts) {
  const std::string path = directory_.File("a/b");
  TUTTI_EXPECT_OK(PrepareFetchFolder(path, /*dry_run=*/true));
  EXPECT_NE(access(path.c_str(), F_OK), 0);
  TUTTI_EXPECT_OK(PrepareFetchFolder(path, /*dry_run=*/false));
  EXPECT_EQ(access(path.c_str(), F_OK), 0);
  TUTTI_ASSERT_OK(WriteFileAtomically(directory_.File("file"), "x", 0600));
  EXPECT_THAT(
      PrepareFetchFolder(directory_.File("file"), false),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("is no folder")));
}

}  // namespace
}  // namespace tutti::cli
