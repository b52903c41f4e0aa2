#include "common/jobs/job_selector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace tutti {
namespace {

using ::testing::HasSubstr;
using ::tutti::testing::StatusIs;

v1::JobSelector Parse(std::string_view text) {
  auto selector = ParseJobSelector(text);
  EXPECT_THAT(selector, ::tutti::testing::IsOk());
  return selector.value_or(v1::JobSelector());
}

TEST(JobSelectorTest, Number) {
  EXPECT_EQ(Parse("17").number(), 17u);
  EXPECT_EQ(Parse("12345678").number(), 12345678u);
}

TEST(JobSelectorTest, Last) {
  EXPECT_TRUE(Parse("last").has_last());
  EXPECT_EQ(Parse("last").last(), "");
  EXPECT_EQ(Parse("last:nightly").last(), "nightly");
  EXPECT_THAT(
      ParseJobSelector("last:"),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("last:NAME")));
}

// If this fails, a job is stopped that somebody else meant.
TEST(JobSelectorTest, UuidIsToldFromName) {
  EXPECT_EQ(Parse("01890A5D-ac96").uuid_prefix(), "01890a5dac96");
  EXPECT_EQ(Parse("01890a5d-ac96-774b-bcce-b302099a8057").uuid_prefix(),
            "01890a5dac96774bbcceb302099a8057");
  EXPECT_EQ(Parse("01890a5dac96").uuid_prefix(), "01890a5dac96");
  EXPECT_EQ(Parse("cafe").name(), "cafe");
  EXPECT_EQ(Parse("deploy-01890a5d").name(), "deploy-01890a5d");
  EXPECT_EQ(Parse("0189-0a5d").name(), "0189-0a5d");
  EXPECT_EQ(Parse("nightly").name(), "nightly");
}

TEST(JobSelectorTest, WhatNamesNoJob) {
  EXPECT_THAT(ParseJobSelector(""),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("empty")));
  EXPECT_THAT(
      ParseJobSelector("0"),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("begin with 1")));
}

}  // namespace
}  // namespace tutti
