#include "common/targets/target_expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace tutti {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::tutti::testing::StatusIs;

const std::vector<std::string> kKnown = {"db1",   "db2",   "web01",
                                         "web02", "web03", "web10"};

TargetExpression Parse(std::string_view text) {
  absl::StatusOr<TargetExpression> expression = TargetExpression::Parse(text);
  EXPECT_TRUE(expression.ok()) << text << ": " << expression.status();
  return *std::move(expression);
}

std::vector<std::string> Selected(std::string_view text) {
  return Parse(text).Select(kKnown).names;
}

TEST(TargetExpressionTest, SelectsNamesAndRanges) {
  EXPECT_THAT(Selected("web01"), ElementsAre("web01"));
  EXPECT_THAT(Selected("web[01-02],db2"), ElementsAre("db2", "web01", "web02"));
}

TEST(TargetExpressionTest, SelectsByWildcards) {
  EXPECT_THAT(Selected("web*"),
              ElementsAre("web01", "web02", "web03", "web10"));
  EXPECT_THAT(Selected("web0?"), ElementsAre("web01", "web02", "web03"));
  EXPECT_THAT(Selected("*1,web02"), ElementsAre("db1", "web01", "web02"));
  EXPECT_THAT(Selected("w*[1,3]"), ElementsAre("web01", "web03"));
}

TEST(TargetExpressionTest, SelectsAll) {
  EXPECT_EQ(Selected("all"), kKnown);
  EXPECT_EQ(Selected("all,web01"), kKnown);
}

// A mistyped name would be left out without a word.
TEST(TargetExpressionTest, ReportsUnknownNames) {
  const TargetExpression::Selection selection =
      Parse("web[02-05],nope").Select(kKnown);
  EXPECT_THAT(selection.names, ElementsAre("web02", "web03"));
  EXPECT_THAT(selection.unknown, ElementsAre("nope", "web04", "web05"));
  EXPECT_THAT(Parse("all,nope").Select(kKnown).unknown, ElementsAre("nope"));
}

TEST(TargetExpressionTest, ReportsWildcardsThatMatchNothing) {
  const TargetExpression::Selection selection =
      Parse("web*,mail*,?").Select(kKnown);
  EXPECT_THAT(selection.unmatched, ElementsAre("mail*", "?"));
  EXPECT_THAT(selection.unknown, IsEmpty());
}

TEST(TargetExpressionTest, SelectsNothingFromAnEmptyFleet) {
  const TargetExpression::Selection selection = Parse("all,web1").Select({});
  EXPECT_THAT(selection.names, IsEmpty());
  EXPECT_THAT(selection.unknown, ElementsAre("web1"));
}

// A token's pattern would let in other names than it says.
TEST(TargetExpressionTest, MatchesSingleNames) {
  EXPECT_TRUE(Parse("web*").Matches("web99"));
  EXPECT_FALSE(Parse("web*").Matches("db1"));
  EXPECT_TRUE(Parse("all").Matches("anything"));
  EXPECT_TRUE(Parse("web[1-3],db").Matches("web3"));
  EXPECT_TRUE(Parse("web[1-3],db").Matches("db"));
  EXPECT_FALSE(Parse("web[1-3],db").Matches("web4"));
  EXPECT_FALSE(Parse("web[1-3],db").Matches("web03"));
}

TEST(TargetExpressionTest, TellsPlainExpressionsApart) {
  EXPECT_TRUE(Parse("web[01-02],db").IsPlain());
  EXPECT_THAT(Parse("web[01-02],db,db").plain_names(),
              ElementsAre("db", "web01", "web02"));
  EXPECT_FALSE(Parse("web*").IsPlain());
  EXPECT_FALSE(Parse("db,web0?").IsPlain());
  EXPECT_TRUE(Parse("all").HasWildcard());
}

TEST(TargetExpressionTest, TakesAllAsAPartOfAName) {
  EXPECT_THAT(Parse("all1,hall").plain_names(), ElementsAre("all1", "hall"));
}

TEST(TargetExpressionTest, RefusesWhatNodeSetsRefuse) {
  for (const char* text : {"", "web[1-", "web[9-1]", "a,,b", "web01,not",
                           "!web*", "last", "all web01", "-x*"}) {
    EXPECT_THAT(TargetExpression::Parse(text),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("")))
        << text;
  }
}

// Each would be held against every name of the fleet, on the core thread.
TEST(TargetExpressionTest, RefusesHundredsOfWildcards) {
  EXPECT_THAT(
      TargetExpression::Parse("a[1-257]*"),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("256 wildcards")));
  EXPECT_TRUE(TargetExpression::Parse("a[1-256]*").ok());
}

TEST(MatchesWildcardTest, FollowsStarsAndQuestionMarks) {
  EXPECT_TRUE(MatchesWildcard("*", ""));
  EXPECT_TRUE(MatchesWildcard("*", "web01"));
  EXPECT_TRUE(MatchesWildcard("w*b*1", "web01"));
  EXPECT_TRUE(MatchesWildcard("*0*", "web01"));
  EXPECT_TRUE(MatchesWildcard("**web??", "web01"));
  EXPECT_TRUE(MatchesWildcard("a*ab", "aaab"));
  EXPECT_FALSE(MatchesWildcard("", "web01"));
  EXPECT_FALSE(MatchesWildcard("web", "web01"));
  EXPECT_FALSE(MatchesWildcard("web???", "web01"));
  EXPECT_FALSE(MatchesWildcard("*2", "web01"));
  EXPECT_FALSE(MatchesWildcard("?", ""));
  EXPECT_FALSE(MatchesWildcard("WEB*", "web01"));
}

// Patterns of many stars take quadratic time, not exponential.
TEST(MatchesWildcardTest, DoesNotExplode) {
  std::string pattern;
  for (int i = 0; i < 100; ++i) pattern += "*a";
  EXPECT_FALSE(MatchesWildcard(pattern + "b", std::string(250, 'a')));
}

}  // namespace
}  // namespace tutti
