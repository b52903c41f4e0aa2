#include "common/targets/target_expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "common/targets/wildcard.h"
#include "common/text/mistake_place.h"
#include "tests/support/status_matchers.h"

namespace tutti {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::tutti::testing::StatusIs;

const std::vector<std::string> kKnown = {"db1",   "db2",   "web01",
                                         "web02", "web03", "web10"};

class FakeAttributes final : public AttributeSource {
 public:
  bool Knows(std::string_view attribute) const override {
    return attribute == "role" || attribute == "cpu.count" ||
           attribute == "address" || attribute == "kernel";
  }
  std::vector<std::string> ValuesOf(const std::string& target,
                                    std::string_view attribute) const override {
    const auto found = values_.find({target, std::string(attribute)});
    return found == values_.end() ? std::vector<std::string>() : found->second;
  }

 private:
  const std::map<std::pair<std::string, std::string>, std::vector<std::string>>
      values_ = {
          {{"web01", "role"}, {"web"}},
          {{"web02", "role"}, {"web"}},
          {{"db1", "role"}, {"database server"}},
          {{"web01", "cpu.count"}, {"4"}},
          {{"web02", "cpu.count"}, {"16"}},
          {{"db1", "cpu.count"}, {"128"}},
          {{"web01", "address"}, {"10.0.0.1", "fd00::1"}},
          {{"web02", "address"}, {"10.0.0.2"}},
          {{"web01", "kernel"}, {"6.1.0-13-amd64"}},
          {{"db1", "kernel"}, {"5.10.0-8"}},
      };
};

// @web is web01 and web02, @job:17:failed is db1; @gone is not there.
class FakeReferences final : public ReferenceSource {
 public:
  absl::StatusOr<TargetSelection> Resolve(
      const TargetReference& reference) override {
    TargetSelection selection;
    if (reference.group == "web") {
      selection.names = {"web01", "web02"};
      selection.unknown = {"web99"};
    } else if (reference.job.number() == 17) {
      selection.names = {"db1"};
    } else {
      return absl::NotFoundError(reference.text);
    }
    return selection;
  }
};

TargetExpression Parse(std::string_view text) {
  absl::StatusOr<TargetExpression> expression = TargetExpression::Parse(text);
  EXPECT_TRUE(expression.ok()) << text << ": " << expression.status();
  return *std::move(expression);
}

TargetSelection Select(std::string_view text,
                       const std::vector<std::string>& known = kKnown) {
  FakeReferences references;
  return Parse(text).Select(known, FakeAttributes(), references).value();
}

std::vector<std::string> Selected(std::string_view text) {
  return Select(text).names;
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

TEST(TargetExpressionTest, OperatorsWorkFromTheLeft) {
  EXPECT_THAT(Selected("web*!web10"), ElementsAre("web01", "web02", "web03"));
  EXPECT_THAT(Selected("web*&*0?"), ElementsAre("web01", "web02", "web03"));
  EXPECT_THAT(Selected("web[01-02]^web[02-03]"), ElementsAre("web01", "web03"));
  EXPECT_THAT(Selected("web01^web01,db1"), ElementsAre("db1"));
  // ClusterShell's: neither binds tighter.
  EXPECT_THAT(Selected("db1,web*!web*"), ElementsAre("db1"));
  EXPECT_THAT(Selected("web*!web*,db1"), ElementsAre("db1"));
  EXPECT_THAT(Selected("db*,web01 & web* , db2"), ElementsAre("db2", "web01"));
}

TEST(TargetExpressionTest, WordsBindLooserThanOperators) {
  EXPECT_THAT(Selected("web*,db1 and *1"), ElementsAre("db1", "web01"));
  EXPECT_THAT(Selected("db1 or web01 and web*"), ElementsAre("db1", "web01"));
  EXPECT_THAT(Selected("(db1 or web01) and web*"), ElementsAre("web01"));
  EXPECT_THAT(Selected("not web*"), ElementsAre("db1", "db2"));
  EXPECT_THAT(Selected("all and not (web*,db1)"), ElementsAre("db2"));
  EXPECT_THAT(Selected("not not db1"), ElementsAre("db1"));
  EXPECT_THAT(Selected("(web*!(web02,web03))&web0?"), ElementsAre("web01"));
  EXPECT_THAT(Selected("web01 and(web*)"), ElementsAre("web01"));
}

// A reserved word within a name is a name.
TEST(TargetExpressionTest, WordsEndWhereNamesEnd) {
  EXPECT_THAT(Parse("and1,or-2,not.net,nota").PlainNames(),
              ElementsAre("and1", "not.net", "nota", "or-2"));
}

// The host that was to be spared must not be hit because of a slip.
TEST(TargetExpressionTest, ReportsUnknownNamesThatAreTakenAway) {
  EXPECT_THAT(Select("web*!web9").unknown, ElementsAre("web9"));
  EXPECT_THAT(Select("web*&wbe*").unmatched, ElementsAre("wbe*"));
}

TEST(TargetExpressionTest, NamesWhatIsLeftOutOfAnAnswer) {
  const TargetExpression expression = Parse("web[1-4]!web2");
  EXPECT_THAT(expression.LeftOut({"web1", "web3"}), ElementsAre("web4"));
  EXPECT_THAT(expression.LeftOut({"web1", "web3", "web4"}), IsEmpty());
}

// Joined by ',' alone, "a!b" and "b" would be nothing.
TEST(TargetExpressionTest, UnitesExpressionsAsTheyAre) {
  EXPECT_EQ(Unite({"web*", "db1"}), "web*,db1");
  EXPECT_EQ(Unite({"web*!web2"}), "web*!web2");
  EXPECT_EQ(Unite({"b", "a!b", "c and d"}), "b,(a!b),(c and d)");
  EXPECT_THAT(Parse(Unite({"b", "a,b!b"})).PlainNames(), ElementsAre("a", "b"));
  EXPECT_EQ(Unite({"@web", "db1"}), "@web,db1");
}

// The words need no blanks beside parentheses and references. Otherwise what
// comes first would be a part of what the word joins, or a mistake.
TEST(TargetExpressionTest, UnitesWordsWithoutBlanks) {
  EXPECT_THAT(Selected(Unite({"web01", "not(web*)"})),
              ElementsAre("db1", "db2", "web01"));
  EXPECT_THAT(Selected(Unite({"db1", "(web*)and(web01,web02)"})),
              ElementsAre("db1", "web01", "web02"));
  EXPECT_THAT(Selected(Unite({"(db1)or(db2)", "(web*)and(web01)"})),
              ElementsAre("db1", "db2", "web01"));
  EXPECT_EQ(Unite({"a", "not@b", "(c)or@d"}), "a,(not@b),((c)or@d)");
  TUTTI_EXPECT_OK(TargetExpression::ParseUnited({"a", "not@b"}).status());
}

// A mistyped name would be left out without a word.
TEST(TargetExpressionTest, ReportsUnknownNames) {
  const TargetSelection selection = Select("web[02-05],nope");
  EXPECT_THAT(selection.names, ElementsAre("web02", "web03"));
  EXPECT_THAT(selection.unknown, ElementsAre("nope", "web04", "web05"));
  EXPECT_THAT(Select("all,nope").unknown, ElementsAre("nope"));
}

TEST(TargetExpressionTest, ReportsWildcardsThatMatchNothing) {
  const TargetSelection selection = Select("web*,mail*,?");
  EXPECT_THAT(selection.unmatched, ElementsAre("?", "mail*"));
  EXPECT_THAT(selection.unknown, IsEmpty());
}

TEST(TargetExpressionTest, SelectsByConditions) {
  EXPECT_THAT(Selected("role=web"), ElementsAre("web01", "web02"));
  EXPECT_THAT(Selected("role='database server'"), ElementsAre("db1"));
  EXPECT_THAT(Selected("role=web and not web01"), ElementsAre("web02"));
  EXPECT_THAT(Selected("role=web!web01,db2"), ElementsAre("db2", "web02"));
  EXPECT_THAT(Selected("role in (web, db)"), ElementsAre("web01", "web02"));
  EXPECT_THAT(Selected("role=w*"), ElementsAre("web01", "web02"));
  EXPECT_THAT(Selected("role='w*'"), IsEmpty());
  EXPECT_THAT(Selected("address=fd00::1"), ElementsAre("web01"));
}

// Who lacks an attribute has no value that fits.
TEST(TargetExpressionTest, NegatedConditionsHoldForThoseWithout) {
  EXPECT_THAT(Selected("role!=web"),
              ElementsAre("db1", "db2", "web03", "web10"));
  EXPECT_THAT(Selected("role not in (web,x) and db*"),
              ElementsAre("db1", "db2"));
  EXPECT_THAT(Selected("role!~e and web*"), ElementsAre("web03", "web10"));
  EXPECT_THAT(Selected("address!=10.0.0.1 & web0[1-2]"), ElementsAre("web02"));
}

TEST(TargetExpressionTest, ComparesNumbersAndVersions) {
  EXPECT_THAT(Selected("cpu.count>=16"), ElementsAre("db1", "web02"));
  EXPECT_THAT(Selected("cpu.count < 16"), ElementsAre("web01"));
  EXPECT_THAT(Selected("cpu.count<=16 and cpu.count>4"), ElementsAre("web02"));
  EXPECT_THAT(Selected("kernel>=5.11"), ElementsAre("web01"));
  EXPECT_LT(CompareValues("8G", "17179869184"), 0);
  EXPECT_EQ(CompareValues("8GiB", "8589934592"), 0);
  EXPECT_GT(CompareValues("1.10", "1.9b"), 0);
  EXPECT_GT(CompareValues("8.10", "8.9"), 0);
  EXPECT_LT(CompareValues("12", "12.5"), 0);
  EXPECT_GT(CompareValues("1.5G", "1G"), 0);
  EXPECT_LT(CompareValues("-5", "3"), 0);
  EXPECT_NE(CompareValues("-nan", "5"), 0);
}

TEST(TargetExpressionTest, PatternsEndWhereTheyShould) {
  EXPECT_THAT(Selected("name~^web"),
              ElementsAre("web01", "web02", "web03", "web10"));
  EXPECT_THAT(Selected("name~^(web|db)0?[12]$"),
              ElementsAre("db1", "db2", "web01", "web02"));
  EXPECT_THAT(Selected("(name~1$) and web*"), ElementsAre("web01"));
  EXPECT_THAT(Selected("name~^db,web01"), ElementsAre("db1", "db2", "web01"));
  EXPECT_THAT(Selected("name~\"^web 1|b1$\""), ElementsAre("db1"));
  EXPECT_THAT(Selected(Unite({"name~^[](,d]b1", "web01"})),
              ElementsAre("db1", "web01"))
      << "brackets within a class are characters";
  EXPECT_THAT(Selected("(name~^db[[:digit:]]$)!db1"), ElementsAre("db2"));
}

TEST(TargetExpressionTest, ReportsAttributesThatNobodyHas) {
  EXPECT_THAT(Select("role=web and rolle=x and name~w").unknown_attributes,
              ElementsAre("rolle"));
}

TEST(TargetExpressionTest, SelectsByReferences) {
  EXPECT_THAT(Selected("@web"), ElementsAre("web01", "web02"));
  EXPECT_THAT(Selected("@web!web01,@job:17:failed"),
              ElementsAre("db1", "web02"));
  EXPECT_THAT(Selected("not @web and db*"), ElementsAre("db1", "db2"));
  EXPECT_THAT(Selected("@web&(@job:17:failed,web02)"), ElementsAre("web02"));
}

// What stands in a group is held to the same rules as what is written.
TEST(TargetExpressionTest, ReportsWhatReferencesAskForInVain) {
  EXPECT_THAT(Select("@web,web98").unknown, ElementsAre("web98", "web99"));
  FakeReferences references;
  EXPECT_THAT(Parse("web01!@gone").Select(kKnown, FakeAttributes(), references),
              StatusIs(absl::StatusCode::kNotFound, "@gone"));
}

// The CLI can not check whom the controller takes for a group, but what is
// beside it.
TEST(TargetExpressionTest, ReferencesMayMatchWhereNothingIsKnown) {
  EXPECT_EQ(Parse("@web").Matches("db1"), Match::kMaybe);
  EXPECT_EQ(Parse("@web!db1").Matches("db1"), Match::kNo);
  EXPECT_EQ(Parse("@web,db1").Matches("db1"), Match::kYes);
  EXPECT_TRUE(Parse("@web").NeedsController());
  EXPECT_FALSE(Parse("@web").IsPlain());
  EXPECT_THAT(Parse("@b,(@a!@job:3),@b").Groups(), ElementsAre("a", "b"));
}

// Each is resolved.
TEST(TargetExpressionTest, RefusesHundredsOfReferences) {
  std::string text = "@g";
  for (int i = 1; i < 100; ++i) text += ",@g";
  EXPECT_TRUE(TargetExpression::Parse(text).ok());
  EXPECT_THAT(
      TargetExpression::Parse(text + ",@g"),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("more than 100")));
}

// The CLI knows names alone.
TEST(TargetExpressionTest, ConditionsMayMatchWhereNothingIsKnown) {
  const TargetExpression expression = Parse("(web* and role=web),db1");
  EXPECT_EQ(expression.Matches("web01"), Match::kMaybe);
  EXPECT_EQ(expression.Matches("db1"), Match::kYes);
  EXPECT_EQ(expression.Matches("mail"), Match::kNo);
  EXPECT_EQ(Parse("not role=web").Matches("a"), Match::kMaybe);
  EXPECT_EQ(Parse("all!role=web").Matches("a"), Match::kMaybe);
  EXPECT_EQ(Parse("a^role=web").Matches("a"), Match::kMaybe);
  EXPECT_EQ(Parse("name~^a").Matches("b"), Match::kNo);
  EXPECT_THAT(Parse("web01 and role=web,db1").LeftOut({}), IsEmpty());
  EXPECT_THAT(Parse("web01,role=web").LeftOut({}), ElementsAre("web01"));
  EXPECT_TRUE(Parse("web01,role=web").NeedsController());
  EXPECT_FALSE(Parse("web01,name~x").NeedsController());
  EXPECT_FALSE(Parse("web01,role=web").IsPlain());
}

TEST(TargetExpressionTest, ConditionsAreShownAsWritten) {
  for (const char* text :
       {"role=web", "role!=web", "role in (a,b)", "role not in (a,b)",
        "cpu.count>=8", "name~^web(1|2)", "name!~x", "os.name=\"Debian 12\"",
        "role=w*", "role=\"w*\""}) {
    const TargetExpression expression = Parse(text);
    ASSERT_TRUE(expression.root().condition.has_value()) << text;
    EXPECT_EQ(expression.root().condition->ToText(), text);
  }
}

TEST(TargetExpressionTest, RefusesBadConditions) {
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"role=", "a value for 'role' is missing at character 6"},
      {"role in web", "want parentheses, as in role in (a,b)"},
      {"role in (a", "the '(' at character 9 is not closed"},
      {"role in ()", "a value for 'role' is missing at character 10"},
      {"role='a", "the ' at character 6 is not closed"},
      {"name~(", "is no regular expression"},
      {"name~", "the pattern at character 6 is empty"},
      {"role=" + std::string(257, 'x'), "is too long"},
      {"role='" + std::string(257, 'x') + "'", "is too long"},
      {"role=a b", "a blank"},
      {std::string(65, 'x') + "=1", "can not be the name of a label"},
  };
  for (const auto& [text, mistake] : bad) {
    EXPECT_THAT(
        TargetExpression::Parse(text).status(),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(mistake)))
        << text;
  }
}

TEST(TargetExpressionTest, AMistakeIsShownUnderItsPlace) {
  const auto shown = [](std::string_view text) {
    return ShowPlace(TargetExpression::Parse(text).status());
  };
  EXPECT_EQ(shown("a,(b"), "  a,(b\n    ^\n");
  EXPECT_EQ(shown("role=web and os.id in (a"),
            "  role=web and os.id in (a\n                        ^\n");
  EXPECT_EQ(shown(std::string(100, 'a') + "("), "") << "too long for a line";
  EXPECT_EQ(shown("a\x01("), "");
  EXPECT_EQ(shown("a"), "");
  EXPECT_EQ(shown("a,@job:17:faild"), "  a,@job:17:faild\n            ^\n");
}

TEST(TargetExpressionTest, UnitesConditionsInParentheses) {
  EXPECT_EQ(Unite({"role=a", "b"}), "(role=a),b");
  EXPECT_EQ(Unite({"name~^a(b,c)", "x"}), "(name~^a(b,c)),x");
}

TEST(TargetExpressionTest, SelectsNothingFromAnEmptyFleet) {
  const TargetSelection selection = Select("all,web1", {});
  EXPECT_THAT(selection.names, IsEmpty());
  EXPECT_THAT(selection.unknown, ElementsAre("web1"));
}

// A token's pattern would let in other names than it says.
TEST(TargetExpressionTest, MatchesSingleNames) {
  EXPECT_EQ(Parse("web*").Matches("web99"), Match::kYes);
  EXPECT_EQ(Parse("web*").Matches("db1"), Match::kNo);
  EXPECT_EQ(Parse("all").Matches("anything"), Match::kYes);
  EXPECT_EQ(Parse("web[1-3],db").Matches("web3"), Match::kYes);
  EXPECT_EQ(Parse("web[1-3],db").Matches("db"), Match::kYes);
  EXPECT_EQ(Parse("web[1-3],db").Matches("web4"), Match::kNo);
  EXPECT_EQ(Parse("web[1-3],db").Matches("web03"), Match::kNo);
}

TEST(TargetExpressionTest, TellsPlainExpressionsApart) {
  EXPECT_TRUE(Parse("web[01-02],db").IsPlain());
  EXPECT_THAT(Parse("web[01-02],db,db").PlainNames(),
              ElementsAre("db", "web01", "web02"));
  EXPECT_FALSE(Parse("web*").IsPlain());
  EXPECT_FALSE(Parse("db,web0?").IsPlain());
  EXPECT_TRUE(Parse("all").HasWildcard());
  EXPECT_THAT(Parse("web[1-3]!web2").PlainNames(), ElementsAre("web1", "web3"));
  EXPECT_THAT(Parse("web[1-3] and not web2").PlainNames(),
              ElementsAre("web1", "web3"));
  EXPECT_FALSE(Parse("not web2").IsPlain());
  EXPECT_FALSE(Parse("web1,(not web2)").IsPlain());
  EXPECT_FALSE(Parse("web1!web*").IsPlain());
}

TEST(TargetExpressionTest, TakesAllAsAPartOfAName) {
  EXPECT_THAT(Parse("all1,hall").PlainNames(), ElementsAre("all1", "hall"));
}

TEST(TargetExpressionTest, RefusesWhatNodeSetsRefuse) {
  for (const char* text :
       {"",     "web[1-",    "web[9-1]",  "a,,b", "web01,not", "!web*",
        "last", "all web01", "-x*",       "()",   "(a",        "a)",
        "a!",   "a and",     "a or or b", "a b",  "a,(b",      "not",
        "a(b)", "(a)b",      "a@x"}) {
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

TEST(TargetExpressionTest, SaysThatAnOperatorIsMissing) {
  for (const char* text : {"(a)b", "(a)(b)", "(a)[1-2]"}) {
    EXPECT_THAT(TargetExpression::Parse(text),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("operator is missing behind the ')' before "
                                   "character 4")))
        << text;
  }
}

// Each is done for every name of the fleet; and a chain of them is as deep as
// it is long.
TEST(TargetExpressionTest, RefusesHundredsOfOperations) {
  std::string chain = "a";
  for (int i = 0; i < 100; ++i) chain += "&b,c";
  EXPECT_TRUE(TargetExpression::Parse(chain).ok());
  EXPECT_THAT(TargetExpression::Parse(chain + "&b"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("200 operations")));
  const auto nested = [](size_t depth) {
    return std::string(depth, '(') + "a" + std::string(depth, ')');
  };
  EXPECT_TRUE(TargetExpression::Parse(nested(50)).ok());
  EXPECT_THAT(TargetExpression::Parse(nested(51)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("50 parentheses")));
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
