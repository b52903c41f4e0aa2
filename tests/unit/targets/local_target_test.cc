#include "common/targets/local_target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"

namespace tutti {
namespace {

using ::tutti::testing::IsOk;

bool IsLocal(const std::string& text) {
  return IsLocalTarget(TargetExpression::Parse(text).value());
}

// What is taken for it runs on the controller's host instead of on agents.
TEST(LocalTargetTest, OnlyItsNameAloneMeansIt) {
  for (const char* text : {"local", "local,local", "(local)"}) {
    EXPECT_TRUE(IsLocal(text)) << text;
  }
  for (const char* text :
       {"all", "*", "local,web1", "local*", "@local", "not web1", "web1"}) {
    EXPECT_FALSE(IsLocal(text)) << text;
  }
}

TEST(LocalTargetTest, NoAgentHasItsName) {
  EXPECT_THAT(CheckAgentName("local1"), IsOk());
  EXPECT_THAT(CheckAgentName("local"),
              testing::StatusIs(absl::StatusCode::kInvalidArgument,
                                ::testing::HasSubstr("choose another")));
}

}  // namespace
}  // namespace tutti
