#include "common/text/json_text.h"

#include <gtest/gtest.h>

#include <string>

namespace tutti {
namespace {

TEST(JsonTextTest, WhatIsNoJsonIsAbsent) {
  EXPECT_EQ(ParseJson("{\"a\": [1, \"[\"]}")->size(), 1u);
  EXPECT_FALSE(ParseJson("").has_value());
  EXPECT_FALSE(ParseJson("{} x").has_value());
  EXPECT_FALSE(ParseJson("\"\xff\"").has_value());
}

// A document of a target must not cost who reads it the stack.
TEST(JsonTextTest, WhatNestsTooDeepIsAbsent) {
  const auto nested = [](size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(ParseJson(nested(100)).has_value());
  EXPECT_FALSE(ParseJson(nested(101)).has_value());
  EXPECT_FALSE(ParseJson(std::string(10'000'000, '{')).has_value());
  // Brackets in texts do not count.
  EXPECT_TRUE(ParseJson("\"\\\"" + std::string(500, '[') + "\"").has_value());
}

}  // namespace
}  // namespace tutti
