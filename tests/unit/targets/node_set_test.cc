#include "common/targets/node_set.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace tutti {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::tutti::testing::StatusIs;

using Names = std::vector<std::string>;

Names Expand(std::string_view text) {
  const absl::StatusOr<Names> names = ExpandNames(text);
  EXPECT_TRUE(names.ok()) << text << ": " << names.status();
  return names.value_or(Names());
}

TEST(ExpandNamesTest, TakesListsOfNames) {
  EXPECT_THAT(Expand("web01"), ElementsAre("web01"));
  EXPECT_THAT(Expand("b,a,c"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(Expand(" a , b\t"), ElementsAre("a", "b"));
  EXPECT_THAT(Expand("a,a"), ElementsAre("a"));
  EXPECT_THAT(Expand("Web.dc-1_x"), ElementsAre("Web.dc-1_x"));
}

TEST(ExpandNamesTest, TakesRanges) {
  EXPECT_THAT(Expand("web[1-3]"), ElementsAre("web1", "web2", "web3"));
  EXPECT_THAT(Expand("web[1-2,5]"), ElementsAre("web1", "web2", "web5"));
  EXPECT_THAT(Expand("web[7]"), ElementsAre("web7"));
  EXPECT_THAT(Expand("[1-2]"), ElementsAre("1", "2"));
  EXPECT_THAT(Expand("web[3-3]x"), ElementsAre("web3x"));
}

// The result is sorted bytewise, not by number: so are the trees over it.
TEST(ExpandNamesTest, SortsBytewise) {
  EXPECT_THAT(Expand("web[9-11]"), ElementsAre("web10", "web11", "web9"));
}

TEST(ExpandNamesTest, KeepsPadding) {
  EXPECT_THAT(Expand("web[01-03]"), ElementsAre("web01", "web02", "web03"));
  EXPECT_THAT(Expand("web[08-10]"), ElementsAre("web08", "web09", "web10"));
  EXPECT_THAT(Expand("web[099-101]"),
              ElementsAre("web099", "web100", "web101"));
  EXPECT_THAT(Expand("web[98-101]"),
              ElementsAre("web100", "web101", "web98", "web99"));
  // As ClusterShell: the first number says the least width.
  EXPECT_THAT(Expand("web[098-100]"),
              ElementsAre("web098", "web099", "web100"));
  EXPECT_THAT(Expand("web[09-100]"), SizeIs(92));
  EXPECT_THAT(Expand("web[1,01,001]"), ElementsAre("web001", "web01", "web1"));
  EXPECT_THAT(Expand("web[0-1,00]"), ElementsAre("web0", "web00", "web1"));
}

TEST(ExpandNamesTest, MultipliesSeveralBrackets) {
  EXPECT_THAT(Expand("r[1-2]n[1-2]"),
              ElementsAre("r1n1", "r1n2", "r2n1", "r2n2"));
  EXPECT_THAT(Expand("r[1-2][1,3]"), ElementsAre("r11", "r13", "r21", "r23"));
  EXPECT_THAT(Expand("web[1-2].dc[1,2].net"),
              ElementsAre("web1.dc1.net", "web1.dc2.net", "web2.dc1.net",
                          "web2.dc2.net"));
}

TEST(ExpandNamesTest, CountsInSteps) {
  EXPECT_THAT(Expand("n[0-10/5]"), ElementsAre("n0", "n10", "n5"));
  EXPECT_THAT(Expand("n[01-06/2,9]"), ElementsAre("n01", "n03", "n05", "n9"));
  EXPECT_THAT(Expand("n[1-3/100]"), ElementsAre("n1"));
  EXPECT_THAT(Expand("n[0-999999999999/1000000000]"), SizeIs(1000));
}

TEST(ExpandNamesTest, DoesNotSplitAtCommasInBrackets) {
  EXPECT_THAT(Expand("a[1,2],b"), ElementsAre("a1", "a2", "b"));
}

struct MistakeCase {
  std::string text;
  // Where it is, and what to do about it.
  std::string place;
  std::string remedy;
};

class ExpandMistakeTest : public ::testing::TestWithParam<MistakeCase> {};

TEST_P(ExpandMistakeTest, IsNamedWithPlaceAndRemedy) {
  EXPECT_THAT(
      ExpandNames(GetParam().text),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr(GetParam().place), HasSubstr(GetParam().remedy),
                     Not(HasSubstr("\n")))));
}

INSTANTIATE_TEST_SUITE_P(
    All, ExpandMistakeTest,
    ::testing::Values(
        MistakeCase{"", "empty", "name targets"},
        MistakeCase{"  ", "empty", "name targets"},
        MistakeCase{"web[1-", "'[' at character 4", "close it"},
        MistakeCase{"web[1-3", "'[' at character 4", "close it"},
        MistakeCase{"[", "'[' at character 1", "close it"},
        MistakeCase{"web[1,db[2]", "'[' at character 4", "close it"},
        MistakeCase{"web[[1]]", "'[' at character 4", "write one"},
        MistakeCase{"web]", "']' at character 4", "remove it"},
        MistakeCase{"web[1]]", "']' at character 7", "remove it"},
        MistakeCase{"web[9-1]", "range 9-1 at character 5", "write [1-9]"},
        MistakeCase{"web[10-08]", "range 10-08 at character 5",
                    "write [08-10]"},
        MistakeCase{"web[a-b]", "'a-b' at character 5", "[1-20,25]"},
        MistakeCase{"web[1-2-3]", "'1-2-3' at character 5", "[1-20,25]"},
        MistakeCase{"web[-3]", "'-3' at character 5", "[1-20,25]"},
        MistakeCase{"web[1-]", "'1-' at character 5", "[1-20,25]"},
        MistakeCase{"web[1 -3]", "at character 5", "[1-20,25]"},
        MistakeCase{"web[1-9/0]", "'1-9/0' at character 5", "[0-100/2]"},
        MistakeCase{"web[1-9/]", "'1-9/' at character 5", "[0-100/2]"},
        MistakeCase{"web[1-9/x]", "'1-9/x' at character 5", "[0-100/2]"},
        MistakeCase{"web[1/2]", "'1/2' at character 5", "[0-100/2]"},
        MistakeCase{"web[]", "missing at character 5", "write numbers"},
        MistakeCase{"web[1,,2]", "missing at character 7", "write numbers"},
        MistakeCase{"web[1,]", "missing at character 7", "write numbers"},
        MistakeCase{"web[1-010]", "different widths", "[001-010]"},
        MistakeCase{"web[0001-010]", "different widths", "[0001-0010]"},
        MistakeCase{"web[1234567890123456789]", "character 5", "18 digits"},
        MistakeCase{"a,,b", "',' at character 3", "remove it"},
        MistakeCase{"a,", "',' at character 2", "remove it"},
        MistakeCase{",a", "',' at character 1", "remove it"},
        MistakeCase{"a, ,b", "',' at character 4", "remove it"}));

INSTANTIATE_TEST_SUITE_P(
    Words, ExpandMistakeTest,
    ::testing::Values(
        MistakeCase{"and", "'and' at character 1", "before and after"},
        MistakeCase{"web01,or", "'or' at character 7", "before and after"},
        MistakeCase{"not", "'not' at character 1", "before and after"},
        MistakeCase{"in", "'in' at character 1", "before and after"},
        MistakeCase{"last", "'last'", "write the names"},
        MistakeCase{"all", "all", "write the names"},
        MistakeCase{"web*", "wildcards", "write the names"},
        MistakeCase{"web0?", "wildcards", "write the names"},
        MistakeCase{"-web", "'-' at character 1", "begin with a letter"},
        MistakeCase{"a,.web", "'.' at character 3", "begin with a letter"},
        MistakeCase{"_web", "'_' at character 1", "begin with a letter"},
        MistakeCase{"web01 web02", "a blank at character 6", "separated"},
        MistakeCase{"web01 and web02", "a blank at character 6", "separated"},
        MistakeCase{"web/1", "'/' at character 4", "separated"},
        MistakeCase{"w\xc3\xa4", "byte 0xc3 at character 2", "letters"},
        MistakeCase{"a\nb", "byte 0x0a at character 2", "letters"},
        MistakeCase{std::string("a\0b", 3), "byte 0x00 at character 2",
                    "letters"},
        MistakeCase{std::string(254, 'a'), "254 characters", "at most 253"},
        MistakeCase{std::string(250, 'a') + "[1-1000]", "254 characters",
                    "at most 253"}));

INSTANTIATE_TEST_SUITE_P(
    Operators, ExpandMistakeTest,
    ::testing::Values(
        MistakeCase{"!web01", "'!' at character 1", "name targets"},
        MistakeCase{"a&b", "'&' at character 2", "with ','"},
        MistakeCase{"a ^b", "'^' at character 3", "with ','"},
        MistakeCase{"@group", "'@' at character 1", "names hold letters"},
        MistakeCase{"os=linux", "'=' at character 3", "as in role=web"},
        MistakeCase{"(a,b)", "'(' at character 1", "whole parts"},
        MistakeCase{"a)", "')' at character 2", "separated"}));

// The controller would run out of memory before it could refuse.
TEST(ExpandNamesTest, RefusesMoreThanAMillionNamesBeforeItMakesThem) {
  for (const std::string text :
       {"web[1-1000001]", "web[1-999999999999999999]",
        "web[0-999999999999999999,0-999999999999999999]", "web[1-1001][1-1000]",
        "web[1-1000],db[1-999001]",
        "a[1-999999999][1-999999999][1-999999999][1-999999999]"}) {
    EXPECT_THAT(ExpandNames(text), StatusIs(absl::StatusCode::kInvalidArgument,
                                            HasSubstr("1000000 names")))
        << text;
  }
}

TEST(ExpandNamesTest, TakesAMillionNames) {
  EXPECT_THAT(Expand("web[1-1000000]"), SizeIs(1'000'000));
}

TEST(ExpandNamesTest, ShowsLongExpressionsShortened) {
  std::string text(5000, 'a');
  text.push_back('[');
  const absl::StatusOr<Names> names = ExpandNames(text);
  EXPECT_THAT(names, StatusIs(absl::StatusCode::kInvalidArgument,
                              HasSubstr("aaa...'")));
  EXPECT_LT(names.status().message().size(), 250u);
}

TEST(FoldNamesTest, FoldsRuns) {
  EXPECT_EQ(FoldNames({}), "");
  EXPECT_EQ(FoldNames({"web1"}), "web1");
  EXPECT_EQ(FoldNames({"web01", "web02", "db"}), "db,web[01-02]");
  EXPECT_EQ(FoldNames({"web1", "web2", "web3", "web5"}), "web[1-3,5]");
  EXPECT_EQ(FoldNames({"web4", "web9"}), "web[4,9]");
}

TEST(FoldNamesTest, NeedsNoOrderAndCountsDuplicatesOnce) {
  EXPECT_EQ(FoldNames({"web2", "db", "web1", "web2", "db"}), "db,web[1-2]");
}

TEST(FoldNamesTest, KeepsPadding) {
  EXPECT_EQ(FoldNames({"web08", "web09", "web10", "web11"}), "web[08-11]");
  EXPECT_EQ(FoldNames({"web8", "web9", "web10"}), "web[8-10]");
  EXPECT_EQ(FoldNames({"web098", "web099", "web100"}), "web[098-100]");
  EXPECT_EQ(FoldNames({"web98", "web99", "web100"}), "web[98-100]");
  EXPECT_EQ(FoldNames({"web1", "web01"}), "web[1,01]");
  EXPECT_EQ(FoldNames({"web00", "web01", "web0", "web1"}), "web[0-1,00-01]");
  EXPECT_EQ(FoldNames({"web9", "web09", "web10", "web11"}), "web[9-11,09]");
}

TEST(FoldNamesTest, FoldsTheLastNumberThatDiffers) {
  EXPECT_EQ(FoldNames({"web01.dc1", "web02.dc1"}), "web[01-02].dc1");
  EXPECT_EQ(FoldNames({"r1n1", "r1n2", "r2n5"}), "r1n[1-2],r2n5");
}

TEST(FoldNamesTest, FoldsAGridIntoOneElement) {
  EXPECT_EQ(FoldNames({"r1n1", "r1n2", "r2n1", "r2n2"}), "r[1-2]n[1-2]");
  EXPECT_EQ(FoldNames(Expand("ip-10-[0-3]-[0-15]-[1-20].eu-west-[1-2]")),
            "ip-10-[0-3]-[0-15]-[1-20].eu-west-[1-2]");
}

TEST(FoldNamesTest, LeavesNumbersAloneThatAreTooLong) {
  const Names names = {"a1234567890123456789", "a1234567890123456788"};
  EXPECT_EQ(FoldNames(names), "a1234567890123456788,a1234567890123456789");
}

TEST(FoldNamesTest, TakesAHundredThousandNamesBothWays) {
  EXPECT_EQ(FoldNames(Expand("node[000001-100000]")), "node[000001-100000]");
  EXPECT_EQ(FoldNames(Expand("node[1-100000].example.com")),
            "node[1-100000].example.com");
}

// A name as fleets have them, and as nobody has them.
std::string RandomName(std::mt19937& random) {
  static const char* const kTexts[] = {"web", "db", "a", "-", ".", "x.y-", "_"};
  std::string name(1, "abc0123"[random() % 7]);
  const int pieces = 1 + static_cast<int>(random() % 5);
  for (int i = 0; i < pieces; ++i) {
    if (random() % 2 == 0) {
      name += kTexts[random() % std::size(kTexts)];
    } else {
      const unsigned number = random() % (random() % 3 == 0 ? 1200 : 12);
      name += fmt::format("{:0{}}", number, 1 + random() % 3);
    }
  }
  return name;
}

// A frozen list would hold other targets than the ones that were signed.
TEST(FoldNamesTest, IsUndoneByExpandingForRandomSets) {
  std::mt19937 random(20260101);
  for (int round = 0; round < 3000; ++round) {
    std::set<std::string> names;
    const size_t count = 1 + random() % 60;
    while (names.size() < count) names.insert(RandomName(random));
    Names shuffled(names.begin(), names.end());
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    const std::string folded = FoldNames(shuffled);
    ASSERT_EQ(Expand(folded), Names(names.begin(), names.end()))
        << "folded: " << folded;
    ASSERT_EQ(folded, FoldNames({names.begin(), names.end()}));
  }
}

// Lists of targets would be longer than they need to be.
TEST(FoldNamesTest, MakesOneRangeOfAnyRange) {
  std::mt19937 random(42);
  for (int round = 0; round < 500; ++round) {
    const unsigned first = random() % 150;
    const unsigned last = first + 1 + random() % 150;
    const std::string text =
        fmt::format("n[{:0{}}-{}]", first, 1 + random() % 3, last);
    const absl::StatusOr<Names> names = ExpandNames(text);
    if (!names.ok()) continue;
    EXPECT_EQ(Expand(FoldNames(*names)), *names) << text;
    EXPECT_THAT(FoldNames(*names), Not(HasSubstr(","))) << text;
  }
}

}  // namespace
}  // namespace tutti
