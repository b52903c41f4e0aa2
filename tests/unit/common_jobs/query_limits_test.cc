#include "common/jobs/query_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace tutti {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using testing::StatusIs;

// If this fails, the runner gives a query other limits than its settings say.
TEST(QueryLimitsTest, FlagsSayWhatTheyAreMadeOf) {
  QueryLimits limits;
  limits.cpu = absl::Milliseconds(1500);
  limits.memory = 20 << 20;
  limits.rows = 2048;
  const std::vector<std::string> flags = QueryLimitFlags(limits);
  EXPECT_THAT(flags, ElementsAre("--cpu-limit=2", "--memory-limit=20971520",
                                 "--rows-limit=2048"));
  QueryLimits read;
  for (const std::string& flag : flags) {
    TUTTI_EXPECT_OK(SetQueryLimit(flag, read));
  }
  EXPECT_EQ(read.cpu, absl::Seconds(2));
  EXPECT_EQ(read.memory, limits.memory);
  EXPECT_EQ(read.rows, limits.rows);
}

TEST(QueryLimitsTest, WrongOnesAreNamed) {
  QueryLimits limits;
  EXPECT_THAT(SetQueryLimit("--cpu=1", limits),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("'--cpu=1'")));
  for (const auto& [flag, text] :
       {std::pair<std::string, const char*>{"--cpu-limit=", "duration"},
        {"--cpu-limit=999ms", "too short"},
        {"--memory-limit=1MiB", "too small"},
        {"--memory-limit=x", "size"},
        {"--rows-limit=1", "too small"}}) {
    EXPECT_THAT(SetQueryLimit(flag, limits),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(StartsWith(flag.substr(0, flag.find('=')) + ":"),
                               HasSubstr(text))));
  }
}

}  // namespace
}  // namespace tutti
