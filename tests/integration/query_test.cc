// What hosts are, asked in SQL through all programs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/base/files.h"
#include "tests/integration/fleet_test.h"

namespace tutti::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

using QueryTest = FleetTest;

TEST_F(QueryTest, RowsOfAllTargetsComeTogether) {
  const Finished run = fleet().Run(
      {"query", "-t", "all", "SELECT username, uid FROM users WHERE uid = 0"});
  EXPECT_EQ(run.status, 0) << run.error;
  EXPECT_EQ(run.output,
            "TARGET  USERNAME  UID\n"
            "web1    root        0\n"
            "web2    root        0\n"
            "web3    root        0\n");
  const Finished listed = fleet().Run({"job", "list", "--first", "1"});
  EXPECT_THAT(listed.output, HasSubstr("SELECT username, uid FROM"));
  EXPECT_THAT(fleet().Run({"job", "list", "--kind", "query"}).output,
              HasSubstr("SELECT username"));
  // Also when it is read later.
  EXPECT_EQ(fleet().Run({"job", "receive", "last"}).output, run.output);
  EXPECT_THAT(fleet().Run({"job", "receive", "last", "-N"}).output,
              HasSubstr("[\"root\",0]\n"));
}

TEST_F(QueryTest, ProgramsGetThemTyped) {
  const std::vector<std::string> query = {
      "query", "-q", "-t", "web1", "SELECT username, uid FROM users LIMIT 1"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), query.begin(), query.end());
    return fleet().Run(more).output;
  };
  EXPECT_EQ(with({"-o", "csv"}), "target,username,uid\r\nweb1,root,0\r\n");
  EXPECT_EQ(with({"-o", "jsonl"}),
            "{\"v\":1,\"target\":\"web1\",\"row\":{\"username\":\"root\","
            "\"uid\":0}}\n");
  EXPECT_EQ(
      with({"-b"}),
      "----------------\nweb1\n----------------\nUSERNAME  UID\nroot      "
      "  0\n");
  EXPECT_EQ(with({"--merge", "SELECT max(uid) + 1 AS next FROM rows"}),
            "NEXT\n1\n");
}

TEST_F(QueryTest, TheQueryMayComeFromAFileOrStandardInput) {
  const std::string file = fleet().File("q.sql");
  ASSERT_TRUE(
      WriteFileAtomically(file, "-- why\nSELECT 'a' AS x;\n", 0600).ok());
  EXPECT_EQ(fleet().Run({"query", "-q", "-t", "web1", "--file", file}).output,
            "TARGET  X\nweb1    a\n");
  EXPECT_EQ(
      fleet().Run({"query", "-q", "-t", "web1", "-"}, "SELECT 1 AS x").output,
      "TARGET  X\nweb1    1\n");
}

TEST_F(QueryTest, BadQueriesAreRefusedBeforeAnythingStarts) {
  struct Case {
    std::vector<std::string> words;
    std::string text;
  };
  const std::string before = fleet().Run({"job", "list", "-o", "names"}).output;
  for (const Case& bad : std::vector<Case>{
           {{"SELECT * FROM user"}, "no table 'user' (did you mean users?)"},
           {{"SELECT usrname FROM users"}, "(did you mean username?)"},
           {{"DELETE FROM users"}, "a query only reads"},
           {{"SELECT FROM"}, "syntax error"},
           {{"SELECT * FROM file"}, "needs a condition on path or directory"},
           {{"SELECT 1; SELECT 2"}, "one query at a time"},
           {{}, "no query given"},
           {{"  "}, "empty"},
           {{"SELECT 1", "--merge", "SELEC 1"}, "--merge: a query only reads"},
           {{"SELECT 1", "--merge", "SELECT * FROM row"}, "(did you mean rows"},
           {{"SELECT 1", "--merge", "SELECT 1", "-b"}, "leave one of them out"},
           {{"SELECT 1", "-b", "-o", "csv"}, "leave one of them out"},
           {{"SELECT 1", "--file", "x"}, "leave one out"},
       }) {
    std::vector<std::string> words = {"query", "-t", "web1"};
    words.insert(words.end(), bad.words.begin(), bad.words.end());
    const Finished run = fleet().Run(words);
    EXPECT_EQ(run.status, 2) << bad.text;
    EXPECT_THAT(run.error, AllOf(StartsWith("tutti: "), HasSubstr(bad.text)));
  }
  EXPECT_EQ(fleet().Run({"job", "list", "-o", "names"}).output, before);
}

TEST_F(QueryTest, AJobRunsOnlyWhereAConditionHolds) {
  const std::string marker = fleet().File("web2.is-old");
  ASSERT_TRUE(WriteFileAtomically(marker, "x", 0600).ok());
  // Each target is asked about itself.
  const std::string where =
      "SELECT 1 FROM environment JOIN file ON path = '" + fleet().File("") +
      "' || value || '.is-old' WHERE key = 'TUTTI_TARGET'";
  const Finished run = fleet().Run(
      {"run", "-t", "all", "--where", where, "--", "echo", "mended"});
  EXPECT_EQ(run.status, 0) << run.error;
  EXPECT_EQ(run.output, "web2: mended\n");
  EXPECT_THAT(run.error, HasSubstr("2 skipped (it does not match the condition "
                                   "(--where)): web[1,3]"));
  EXPECT_THAT(run.error, Not(HasSubstr("job retry")));
  EXPECT_THAT(fleet().Run({"job", "list", "--first", "1"}).output,
              HasSubstr("completed"));
  EXPECT_THAT(fleet().Run({"job", "show", "last"}).output,
              HasSubstr("environment JOIN file"));
  // Nobody is left to try again.
  EXPECT_EQ(fleet().Run({"job", "retry", "last"}).status, 2);
  const Finished again =
      fleet().Run({"job", "retry", "last", "--only", "skipped"});
  EXPECT_EQ(again.status, 0) << again.error;
  EXPECT_EQ(again.output, "");
}

TEST_F(QueryTest, AConditionWithoutAnAnswerStartsNothing) {
  const Finished run =
      fleet().Run({"run", "-t", "web1", "--where", "SELECT json('broken')",
                   "--", "echo", "no"});
  EXPECT_EQ(run.status, 4);
  EXPECT_EQ(run.output, "");
  EXPECT_THAT(run.error,
              AllOf(HasSubstr("1 not started"), HasSubstr("has no answer"),
                    HasSubstr("malformed JSON")));
}

TEST_F(QueryTest, BadConditionsAreRefusedBeforeAnythingStarts) {
  for (const auto& [where, text] :
       std::vector<std::pair<std::string, std::string>>{
           {"SELECT * FROM user", "--where: there is no table 'user'"},
           {"", "--where: the value is empty"},
           {"DELETE FROM users", "--where: a query only reads"}}) {
    const Finished run =
        fleet().Run({"run", "-t", "web1", "--where", where, "--", "true"});
    EXPECT_EQ(run.status, 2) << where;
    EXPECT_THAT(run.error, HasSubstr(text));
  }
}

// The rest of WQL, too.
TEST_F(QueryTest, WqlBeyondSelectIsRefusedBeforeAnythingStarts) {
  const std::string before = fleet().Run({"job", "list", "-o", "names"}).output;
  for (const char* query : {"associators  of {CIM_Service.Name='sshd'}",
                            "SELECT * FROM __InstanceCreationEvent WITHIN 5"}) {
    const Finished run = fleet().Run({"query", "-t", "web1", query});
    EXPECT_EQ(run.status, 2);
    EXPECT_THAT(run.error,
                AllOf(StartsWith("tutti: "), HasSubstr("not supported")));
  }
  EXPECT_EQ(fleet().Run({"job", "list", "-o", "names"}).output, before);
}

TEST_F(QueryTest, AQueryThatTakesTooMuchFailsWithTheSetting) {
  fleet().KillRunner("web1");
  fleet().StartRunner("web1", {"--query-cpu-limit", "1s"});
  const Finished run = fleet().Run(
      {"query", "-t", "web1",
       "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) "
       "SELECT count(*) FROM c"});
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.error, AllOf(HasSubstr("used 1 s of processor time"),
                               HasSubstr("query_cpu_limit in runner.yaml")));
  EXPECT_THAT(fleet().Run({"job", "show", "last"}).output, HasSubstr("FAILED"));
  fleet().KillRunner("web1");
  fleet().StartRunner("web1");
}

TEST_F(QueryTest, TablesAreListedWithoutAFleet) {
  const Finished all = fleet().Run({"query", "--tables"});
  EXPECT_EQ(all.status, 0) << all.error;
  EXPECT_THAT(all.output, HasSubstr("users"));
  const Finished one = fleet().Run({"query", "--tables", "users"});
  EXPECT_THAT(one.output, AllOf(HasSubstr("directory"), HasSubstr("BIGINT")));
  const Finished none = fleet().Run({"query", "--tables", "usrs"});
  EXPECT_EQ(none.status, 2);
  EXPECT_THAT(none.error, HasSubstr("did you mean users?"));
}

TEST_F(QueryTest, TargetsThatGaveRowsCanBeChosen) {
  const Finished asked = fleet().Run(
      {"query", "-t", "all", "--name", "found",
       "SELECT value FROM environment WHERE key = 'TUTTI_TARGET' AND "
       "value <> 'web2'"});
  EXPECT_EQ(asked.status, 0) << asked.error;
  EXPECT_THAT(fleet().Run({"job", "show", "found"}).output,
              HasSubstr("from 2 of 3 targets"));
  const Finished run =
      fleet().Run({"run", "-t", "@job:last:rows", "--", "echo", "mended"});
  EXPECT_EQ(run.status, 0) << run.error;
  EXPECT_THAT(run.output,
              AllOf(HasSubstr("web1: mended"), HasSubstr("web3: mended"),
                    Not(HasSubstr("web2"))));
  // The newest job is a command now.
  const Finished wrong =
      fleet().Run({"run", "-t", "@job:last:rows", "--", "true"});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.error, HasSubstr("only a query has rows"));
  fleet().KillController();
  fleet().StartController();
  fleet().WaitForOnline(3);
  const Finished after = fleet().Run({"target", "explain", "@job:found:rows"});
  EXPECT_THAT(after.output, HasSubstr("the targets that gave rows"));
  EXPECT_THAT(after.output, HasSubstr("web[1,3] (2)"));
}

}  // namespace
}  // namespace tutti::testing
