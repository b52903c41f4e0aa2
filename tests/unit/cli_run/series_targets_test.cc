#include "controller/cli/run/series_targets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"

namespace tutti::cli {
namespace {

using ::testing::HasSubstr;
using tutti::testing::StatusIs;

absl::Status Check(const std::string& targets,
                   const std::string& exclusion = "") {
  RunOptions options;
  options.targets = {targets};
  if (!exclusion.empty()) options.exclusions = {exclusion};
  return CheckSeriesTargets(ParseTargets(options).value(),
                            {"watch", "pack/users"});
}

// If this fails, each time asks those that the time before had rows from.
TEST(SeriesTargetsTest, ItsOwnJobsAreRefused) {
  for (const std::string own :
       {"@job:last:rows", "@job:last:other:rows", "web1 or @job:watch:failed",
        "@job:pack/users"}) {
    EXPECT_THAT(Check(own), StatusIs(absl::StatusCode::kInvalidArgument,
                                     HasSubstr("by its number")))
        << own;
  }
  EXPECT_THAT(Check("all", "@job:watch"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("@job:watch: with --every")));
}

TEST(SeriesTargetsTest, OthersAreNot) {
  TUTTI_EXPECT_OK(Check("@job:17:rows"));
  TUTTI_EXPECT_OK(Check("@job:nightly:failed", "@job:watches"));
}

}  // namespace
}  // namespace tutti::cli
