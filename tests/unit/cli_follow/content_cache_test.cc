#include "controller/cli/follow/content_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/support/status_matchers.h"

namespace tutti::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::tutti::testing::IsOk;
using ::tutti::testing::StatusIs;

SharedBytes Bytes(const std::string& text) {
  return std::make_shared<const std::string>(text);
}

TEST(ContentCacheTest, FindsTheLast256) {
  ContentCache cache;
  for (uint64_t id = 1; id <= 300; ++id) {
    TUTTI_ASSERT_OK(cache.Remember(id, Bytes(std::to_string(id))));
  }
  TUTTI_ASSERT_OK_AND_ASSIGN(const SharedBytes oldest, cache.Find(45));
  EXPECT_EQ(*oldest, "45");
  TUTTI_ASSERT_OK_AND_ASSIGN(const SharedBytes newest, cache.Find(300));
  EXPECT_EQ(*newest, "300");
}

// Showing some other output in its place would be worse than an error.
TEST(ContentCacheTest, WhatIsNotThereIsAnError) {
  ContentCache cache;
  TUTTI_ASSERT_OK(cache.Remember(1, Bytes("a")));
  TUTTI_ASSERT_OK(cache.Remember(257, Bytes("b")));
  EXPECT_THAT(cache.Find(1),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("output 1")));
  EXPECT_THAT(cache.Find(2), Not(IsOk()));
  EXPECT_THAT(cache.Find(0), Not(IsOk()));
  EXPECT_THAT(cache.Remember(0, Bytes("c")), Not(IsOk()));
}

}  // namespace
}  // namespace tutti::cli
