#include "query/pack/pack.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "query/pack/relaxed_json.h"
#include "tests/support/status_matchers.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using tutti::testing::StatusIs;

std::vector<std::string> NamesOf(const Pack& pack) {
  std::vector<std::string> names;
  for (const PackQuery& query : pack.queries) names.push_back(query.name);
  return names;
}

// A pack with one query for `platform`, as JSON.
std::string For(const std::string& platform) {
  return R"({"queries": {"a": {"query": "SELECT 1", "platform": )" + platform +
         "}, \"b\": {\"query\": \"SELECT 2\"}}}";
}

TEST(PackTest, IsReadAsOsqueryWritesIt) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const Pack pack, ParsePack(R"(
// What to look at first.
{
  "version": "1.4.5", "shard": "10", "platform": "linux",
  "discovery": ["select pid from processes where name = 'sshd';"],
  "queries": {
    # The order of the file.
    "users": {
      "query" : "select * \
from users;",
      "interval" : "3600", "version": "1.4.5", "snapshot": true
    },
    "all_mounts": {"query": "select '#//' from mounts"},
    "apps": {"query": "select * from apps;", "platform": "darwin"}
  }
}
)"));
  EXPECT_THAT(NamesOf(pack), ElementsAre("users", "all_mounts"));
  EXPECT_EQ(pack.queries[0].sql, "select * from users;");
  EXPECT_EQ(pack.queries[1].sql, "select '#//' from mounts");
  EXPECT_THAT(pack.foreign, ElementsAre("apps"));
  EXPECT_THAT(pack.discovery,
              ElementsAre("select pid from processes where name = 'sshd';"));
}

TEST(PackTest, RunsWhatIsForLinux) {
  for (const char* platform :
       {"\"linux\"", "\"posix\"", "\"all\"", "\"any\"", "\"\"", "null",
        "\"darwin, Linux\"", "\"ubuntu\"", "\"redhat,centos\""}) {
    TUTTI_ASSERT_OK_AND_ASSIGN(const Pack pack, ParsePack(For(platform)));
    EXPECT_THAT(NamesOf(pack), ElementsAre("a", "b")) << platform;
    EXPECT_THAT(pack.foreign, IsEmpty());
  }
  for (const char* platform : {"\"darwin\"", "\"windows,freebsd\""}) {
    TUTTI_ASSERT_OK_AND_ASSIGN(const Pack pack, ParsePack(For(platform)));
    EXPECT_THAT(NamesOf(pack), ElementsAre("b")) << platform;
    EXPECT_THAT(pack.foreign, ElementsAre("a"));
  }
}

TEST(PackTest, WhatIsNoPackIsRefused) {
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"", "line 1: this is no JSON"},
      {"// nothing else\n", "line 1: this is no JSON"},
      {"[]", "this is no pack"},
      {"{}", "the pack has no queries"},
      {R"({"queries": {}})", "the pack has no queries"},
      {R"({"queries": []})", "the pack has no queries"},
      {R"({"packs": {"a": "/a.conf"}})", "a configuration of osquery"},
      {R"({"queries": {"a": {"sql": "SELECT 1"}}})", "a: it has no query"},
      {R"({"queries": {"a": "SELECT 1"}})", "a: it has no query"},
      {For("7"), "a: its platform is no text"},
      {R"({"platform": "darwin", "queries": {"a": {"query": "SELECT 1"}}})",
       "the pack is for darwin"},
      {R"({"queries": {"a": {"query": "SELECT 1", "platform": "darwin"}}})",
       "none of its queries is for Linux"},
      {R"({"discovery": "x", "queries": {"a": {"query": "SELECT 1"}}})",
       "its discovery is no list"},
      // The second would take the place of the first without a word.
      {R"({"queries": {"a": {"query": "1"}, "a": {"query": "2"}}})",
       "'a' is there twice"},
      {std::string(40, '[') + std::string(40, ']'), "more than 32 levels"},
  };
  for (const auto& [text, mistake] : bad) {
    EXPECT_THAT(ParsePack(text), StatusIs(absl::StatusCode::kInvalidArgument,
                                          HasSubstr(mistake)))
        << text;
  }
}

TEST(RelaxedJsonTest, NamesTheLineOfTheFile) {
  EXPECT_THAT(ParseRelaxedJson("{\n// one\n# two\n\"a\": \"x\\\ny\",\n!}"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("line 6: this is no JSON")));
  EXPECT_THAT(ParseRelaxedJson("{\"a\": \"x\\\ny\nz\"}"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("line 2: this is no JSON")));
}

// The same name in another object is another one.
TEST(RelaxedJsonTest, OnlyMembersOfOneObjectAreThereTwice) {
  TUTTI_EXPECT_OK(
      ParseRelaxedJson(R"([{"a": {"a": 1}}, {"a": [{"a": 2}]}])").status());
  EXPECT_THAT(ParseRelaxedJson(R"([{"a": {"b": 1}, "c": [{}], "a": 2}])"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("'a' is there twice")));
}

TEST(AllHaveRowsTest, JoinsQueriesWhateverEndsThem) {
  EXPECT_EQ(AllHaveRows({"SELECT 1;", " SELECT 2 -- why\n ; ; ",
                         "SELECT ';'; /* ; */ -- why; not", "SELECT 4 /*"}),
            "SELECT 1 WHERE EXISTS (SELECT 1) AND EXISTS (SELECT 2) AND EXISTS "
            "(SELECT ';') AND EXISTS (SELECT 4)");
}

// If this fails, what is quoted is taken for a comment, and cut off.
TEST(AllHaveRowsTest, WhatIsQuotedIsNoComment) {
  for (const char* query :
       {"SELECT 'a -- b'", "SELECT 'it''s -- b'", "SELECT \"a /* b\" FROM c",
        "SELECT `a -- b` FROM c", "SELECT [a -- b] FROM c",
        "SELECT /* ; */ 1 -- one\n + 1"}) {
    EXPECT_EQ(AllHaveRows({std::string(query) + " ; -- end"}),
              fmt::format("SELECT 1 WHERE EXISTS ({})", query));
  }
}

}  // namespace
}  // namespace tutti::query
