#include "controller/cli/run/targets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace tutti::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::tutti::testing::IsOk;
using ::tutti::testing::StatusIs;

WantedTargets Wanted(const std::vector<std::string>& targets,
                     const std::vector<std::string>& exclusions = {}) {
  RunOptions options;
  options.targets = targets;
  options.exclusions = exclusions;
  return ParseTargets(options).value();
}

v1::ResolveTargetsResponse Answer(const std::string& targets,
                                  const std::string& unknown = "") {
  v1::ResolveTargetsResponse answer;
  answer.set_targets(targets);
  answer.set_unknown(unknown);
  return answer;
}

TEST(ParseTargetsTest, UnitesAndExcludes) {
  const WantedTargets wanted = Wanted({"web*", "db1"}, {"web3", "web4"});
  EXPECT_EQ(wanted.text, "web*,db1");
  EXPECT_EQ(wanted.Description(), "web*,db1 without web3,web4");
  EXPECT_TRUE(wanted.expression.HasWildcard());
  EXPECT_EQ(Wanted({"web*!web1", "web1"}).text, "(web*!web1),web1");
}

TEST(CheckAnswerTest, TakesWhatWasAskedFor) {
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const std::vector<std::string> names,
      CheckAnswer(Wanted({"web[1-3]"}, {"web2"}), Answer("web[1,3]")));
  EXPECT_THAT(names, ElementsAre("web1", "web3"));
  TUTTI_EXPECT_OK(CheckAnswer(Wanted({"web*", "db1"}), Answer("db1,web7")));
  TUTTI_EXPECT_OK(CheckAnswer(Wanted({"all"}), Answer("db1,web7")));
  TUTTI_EXPECT_OK(
      CheckAnswer(Wanted({"web[1-3]"}), Answer("web[1-2]", "web3")));
  TUTTI_EXPECT_OK(CheckAnswer(Wanted({"web[1-3]!web2"}), Answer("web[1,3]")));
}

// Somebody who says all means agents.
TEST(CheckAnswerTest, TheControllersHostOnlyWhereItWasNamed) {
  TUTTI_EXPECT_OK(CheckAnswer(Wanted({"local"}), Answer("local")));
  EXPECT_THAT(CheckAnswer(Wanted({"all"}), Answer("local,web7")),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       HasSubstr("local was added")));
  RunOptions options;
  options.local = true;
  EXPECT_EQ(ParseTargets(options)->text, "local");
}

// The operator signs this list: a controller that adds or hides targets must
// not get a signature for it.
TEST(CheckAnswerTest, RefusesAnythingElse) {
  EXPECT_THAT(CheckAnswer(Wanted({"web[1-2]"}), Answer("db1,web[1-2]")),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       HasSubstr("db1 was added")));
  EXPECT_THAT(CheckAnswer(Wanted({"web[1-3]"}), Answer("web[1-2]")),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       HasSubstr("web3 was left out")));
  EXPECT_THAT(CheckAnswer(Wanted({"web*!web2"}), Answer("web[1-2]")),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       HasSubstr("web2 was added")));
  EXPECT_THAT(CheckAnswer(Wanted({"all"}, {"web1"}), Answer("web[1-2]")),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       HasSubstr("web1 was added")));
  EXPECT_THAT(CheckAnswer(Wanted({"web*", "db1"}), Answer("web1")),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       HasSubstr("db1 was left out")));
  EXPECT_THAT(CheckAnswer(Wanted({"web*"}), Answer("")), Not(IsOk()));
  EXPECT_THAT(CheckAnswer(Wanted({"@web!db1"}), Answer("db1,web1")),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       HasSubstr("db1 was added")));
}

TEST(CheckAnswerTest, HasToBelieveWhatReferencesStandFor) {
  TUTTI_EXPECT_OK(CheckAnswer(Wanted({"@web"}), Answer("db1,web1")));
  TUTTI_EXPECT_OK(
      CheckAnswer(Wanted({"web1"}, {"@job:last:failed"}), Answer("web1")));
}

// Nobody may be the answer only where nothing was named.
TEST(CheckAnswerTest, NobodyIsTakenWhereThatIsSaidToBeOk) {
  RunOptions options;
  options.targets = {"@job:last:failed"};
  options.if_empty = "ok";
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const std::vector<std::string> names,
      CheckAnswer(ParseTargets(options).value(), Answer("")));
  EXPECT_TRUE(names.empty());
  options.targets = {"web1"};
  EXPECT_THAT(CheckAnswer(ParseTargets(options).value(), Answer("")),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       HasSubstr("web1 was left out")));
  options.if_empty = "maybe";
  EXPECT_THAT(
      ParseTargets(options),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--if-empty")));
}

}  // namespace
}  // namespace tutti::cli
