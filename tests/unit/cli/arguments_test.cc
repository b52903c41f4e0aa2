#include "controller/cli/app/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tutti::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Words = std::vector<std::string>;

// If this fails, a program on a target gets other arguments than were typed.
TEST(ArgumentsTest, TailIsEveryByteBehindTheFirstDashes) {
  const Words tail = {"printf", "[a,b]",        "",     "--", "-t",       "{x}",
                      "a=b,c",  "\xff\xfe\x01", "--x=", "%%", "a b\n'\"", "[]"};
  Words argv = {"run", "-t", "web1", "--"};
  argv.insert(argv.end(), tail.begin(), tail.end());
  const Arguments arguments = SplitArguments(argv);
  EXPECT_THAT(arguments.words, ElementsAre("run", "-t", "web1"));
  ASSERT_TRUE(arguments.tail.has_value());
  EXPECT_EQ(*arguments.tail, tail);
}

// If this fails, "no program" and "an empty program" can't be told apart.
TEST(ArgumentsTest, NoDashesAndNothingBehindThemDiffer) {
  EXPECT_FALSE(SplitArguments({"job", "list"}).tail.has_value());
  const Arguments arguments = SplitArguments({"run", "--"});
  ASSERT_TRUE(arguments.tail.has_value());
  EXPECT_THAT(*arguments.tail, IsEmpty());
}

// If this fails, `--name= -t x` names the job "-t".
TEST(ArgumentsTest, EmptyValueStaysTheOptionsOwn) {
  EXPECT_THAT(SplitArguments({"run", "--name=", "-t", "x"}).words,
              ElementsAre("run", "--name", "", "-t", "x"));
  EXPECT_THAT(SplitArguments({"run", "--env=A=", "x="}).words,
              ElementsAre("run", "--env=A=", "x="));
}

TEST(ArgumentsTest, AliasesStandForNounAndVerb) {
  Words jobs = {"--fleet", "prod", "jobs", "-a"};
  ExpandAliases(jobs);
  EXPECT_THAT(jobs, ElementsAre("--fleet", "prod", "job", "list", "-a"));
  Words hosts = {"hosts"};
  ExpandAliases(hosts);
  EXPECT_THAT(hosts, ElementsAre("agent", "list"));
  Words version = {"--version"};
  ExpandAliases(version);
  EXPECT_THAT(version, ElementsAre("version"));
  Words help = {"help", "job", "list"};
  ExpandAliases(help);
  EXPECT_THAT(help, ElementsAre("job", "list", "--help"));
}

// If this fails, a target or a fleet that is called "jobs" is an alias.
TEST(ArgumentsTest, AliasesAreVerbsOnly) {
  Words words = {"--fleet", "jobs", "run", "-t", "hosts"};
  ExpandAliases(words);
  EXPECT_THAT(words, ElementsAre("--fleet", "jobs", "run", "-t", "hosts"));
}

}  // namespace
}  // namespace tutti::cli
