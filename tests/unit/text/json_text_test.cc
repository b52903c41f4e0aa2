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

// Nor may it cost them minutes.
TEST(JsonTextTest, AnObjectOfTooManyMembersIsAbsent) {
  const auto object = [](int members) {
    std::string text = "{\"x\":0";
    for (int i = 1; i < members; ++i) {
      text += ",\"" + std::to_string(i) + "\":{}";
    }
    return text + "}";
  };
  EXPECT_EQ(ParseJson(object(2048))->size(), 2048u);
  EXPECT_FALSE(ParseJson(object(2049)).has_value());
  // Each by itself.
  EXPECT_TRUE(ParseJson("[" + object(2000) + "," + object(2000) + "]"));
  EXPECT_FALSE(ParseJson("]" + object(3)));
}

}  // namespace
}  // namespace tutti
