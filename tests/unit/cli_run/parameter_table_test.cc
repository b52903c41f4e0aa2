#include "controller/cli/run/parameter_table.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace tutti::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using ::tutti::testing::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

// "NAME=VALUE" of one target.
std::vector<std::string> VariablesOf(const ParameterTable& table,
                                     const std::string& target) {
  std::vector<std::string> texts;
  const ParameterList list = table.Select({target}).value();
  if (list.empty()) return texts;
  const auto parameters = ParseParameters(list[0].parameters());
  for (const auto& variable : parameters->variables()) {
    texts.push_back(variable.name() + "=" + variable.value());
  }
  return texts;
}

TEST(ParameterTableTest, WordsAndJson) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const ParameterTable table,
                             ParameterTable::Parse("f", R"(# ports

web01 port=8080 Role='a b' # the first
{"target": "web02", "port": 8080, "ok": true, "ratio": 0.5, "role": "a \"b\""}
db[1-2] list="1 2"
{"target": "lone", "tree": {"a": [1, null]}}
none)"));
  EXPECT_THAT(table.Targets(),
              ElementsAre("db1", "db2", "lone", "none", "web01", "web02"));
  EXPECT_THAT(VariablesOf(table, "web01"),
              ElementsAre("PORT=8080", "ROLE=a b"));
  EXPECT_THAT(VariablesOf(table, "web02"),
              ElementsAre("OK=true", "PORT=8080", "RATIO=0.5", "ROLE=a \"b\""));
  EXPECT_THAT(VariablesOf(table, "db2"), ElementsAre("LIST=1 2"));
  EXPECT_THAT(VariablesOf(table, "lone"), ElementsAre("TREE={\"a\":[1,null]}"));
  EXPECT_THAT(VariablesOf(table, "none"), ElementsAre());
}

TEST(ParameterTableTest, AMistakeIsNamedWithItsLine) {
  for (const char* bad :
       {"port=80", "web01 port", "web01 po-rt=1", "web01 a=1 A=2", "web* a=1",
        "all a=1", "web01 a='b", "web0 a=1", "{\"target\": \"web01\"",
        "{\"port\": 1}", "{\"target\": 1}", "[]",
        "{\"target\": \"web01\", \"a\": null}",
        "{\"target\": \"web01\", \"a\": 1, \"a\": 2}",
        "{\"target\": \"web01\", \"a\": \"\\u0000\"}"}) {
    EXPECT_THAT(ParameterTable::Parse("ports", fmt::format("web0\n{}", bad)),
                StatusIs(kInvalid, StartsWith("--per-target: ports:2: ")))
        << bad;
  }
  EXPECT_THAT(ParameterTable::Parse("ports", "# nobody\n"),
              StatusIs(kInvalid, HasSubstr("names no target")));
}

TEST(ParameterTableTest, ASecondLineForATargetNamesTheFirst) {
  EXPECT_THAT(
      ParameterTable::Parse("f", "web[1-3] a=1\n\nweb2 a=2"),
      StatusIs(kInvalid, AllOf(HasSubstr("f:3: web2"), HasSubstr("line 1"))));
}

// Without it a target runs with an empty port.
TEST(ParameterTableTest, ASelectedTargetNeedsALine) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const ParameterTable table,
                             ParameterTable::Parse("f", "web[1-3] a=1"));
  EXPECT_THAT(table.Select({"web1", "web4", "web5"}),
              StatusIs(kInvalid, HasSubstr("f has no line for web[4-5]")));
  TUTTI_ASSERT_OK_AND_ASSIGN(const ParameterList list, table.Select({"web3"}));
  EXPECT_EQ(list.size(), 1);
}

TEST(ParameterTableTest, DeepJsonIsRefused) {
  const std::string deep(100'000, '[');
  EXPECT_THAT(
      ParameterTable::Parse("f", "{\"target\": \"a\", \"b\": " + deep +
                                     std::string(deep.size(), ']') + "}"),
      StatusIs(kInvalid, HasSubstr("f:1: ")));
}

}  // namespace
}  // namespace tutti::cli
