// Query packs, and queries that are asked again and again, through all
// programs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/files.h"
#include "tests/integration/fleet_test.h"
#include "tests/support/wait.h"

namespace tutti::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class QuerySeriesTest : public FleetTest {
 protected:
  static std::string Write(const std::string& name, const std::string& text) {
    const std::string path = fleet().File(name);
    EXPECT_TRUE(WriteFileAtomically(path, text, 0644).ok());
    return path;
  }
  // Two queries that run here and one that does not.
  static std::string PackFile() {
    return Write("incident.conf", R"(
// What to look at first.
{
  "queries": {
    "root": {"query": "select username from users \
where uid = 0;", "interval": "3600", "platform": "posix"},
    "none": {"query": "select uid from users where username = 'nobody-is'"},
    "apps": {"query": "select * from apps", "platform": "darwin"}
  }
})");
  }
  static std::string NewestJobs() {
    return fleet().Run({"job", "list", "-o", "names"}).output;
  }
};

TEST_F(QuerySeriesTest, TheQueriesOfAPackAreAskedOneAfterAnother) {
  const Finished run =
      fleet().Run({"query", "-t", "web[1-2]", "--pack", PackFile()});
  EXPECT_EQ(run.status, 0) << run.error;
  EXPECT_EQ(run.output,
            "=== incident/root ===\n"
            "TARGET  USERNAME\n"
            "web1    root\n"
            "web2    root\n"
            "=== incident/none ===\n"
            "no rows\n");
  EXPECT_THAT(run.error, HasSubstr("not for Linux: apps"));
  // Each is a job as any.
  EXPECT_EQ(fleet().Run({"job", "receive", "incident/root"}).output,
            "TARGET  USERNAME\nweb1    root\nweb2    root\n");
  EXPECT_THAT(fleet().Run({"job", "show", "incident/root"}).output,
              HasSubstr("incident/root"));
}

TEST_F(QuerySeriesTest, ProgramsAreToldWhichQueryARowIsOf) {
  const auto with = [&](const std::string& format) {
    return fleet()
        .Run({"query", "-q", "-t", "web1", "--pack", PackFile(), "-o", format})
        .output;
  };
  EXPECT_EQ(with("jsonl"),
            "{\"v\":1,\"query\":\"incident/root\",\"target\":\"web1\",\"row\":"
            "{\"username\":\"root\"}}\n");
  EXPECT_EQ(with("csv"),
            "query,target,username,uid\r\nincident/root,web1,root,\r\n");
  const auto json = nlohmann::json::parse(with("json"));
  ASSERT_EQ(json["rows"].size(), 1u);
  EXPECT_EQ(json["rows"][0]["query"], "incident/root");
}

TEST_F(QuerySeriesTest, ADryRunShowsAllAndDetachingStartsAll) {
  const std::string before = NewestJobs();
  const Finished dry =
      fleet().Run({"query", "-n", "-t", "web1", "--pack", PackFile()});
  EXPECT_EQ(dry.status, 0) << dry.error;
  EXPECT_THAT(dry.output, AllOf(HasSubstr("=== incident/root ==="),
                                HasSubstr("=== incident/none ===")));
  EXPECT_EQ(NewestJobs(), before);
  const Finished detached =
      fleet().Run({"query", "-d", "-t", "web1", "--pack", PackFile()});
  EXPECT_EQ(detached.status, 0) << detached.error;
  EXPECT_EQ(std::count(detached.output.begin(), detached.output.end(), '\n'),
            2);
}

TEST_F(QuerySeriesTest, APackWithAWrongQueryStartsNothing) {
  const std::string pack = Write("bad.conf", R"({"queries": {
    "good": {"query": "select 1 as x"},
    "bad": {"query": "select * from usrs"},
    "worse": {"query": "select nam from users"}}})");
  const std::string before = NewestJobs();
  const Finished run = fleet().Run({"query", "-t", "web1", "--pack", pack});
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(run.error,
              AllOf(StartsWith("tutti: bad/bad: there is no table 'usrs' (did "
                               "you mean users?)"),
                    HasSubstr("tutti: bad/worse: "),
                    HasSubstr("2 of 3 queries can not be asked")));
  EXPECT_EQ(NewestJobs(), before);
  const Finished some = fleet().Run(
      {"query", "-t", "web1", "--pack", pack, "--skip-unknown-queries"});
  EXPECT_EQ(some.status, 0) << some.error;
  EXPECT_EQ(some.output, "=== bad/good ===\nTARGET  X\nweb1    1\n");
  EXPECT_THAT(some.error, HasSubstr("left out: bad/worse: "));
}

TEST_F(QuerySeriesTest, APackAsksOnlyWhatItsDiscoveryFinds) {
  const std::string pack = Write("found.conf", R"({
    "discovery": ["select 1 from environment where key = 'TUTTI_TARGET' \
and value = 'web2';", "select 1"],
    "queries": {"one": {"query": "select 1 as x"}}})");
  const Finished run = fleet().Run({"query", "-t", "all", "--pack", pack});
  EXPECT_EQ(run.status, 0) << run.error;
  EXPECT_EQ(run.output, "=== found/one ===\nTARGET  X\nweb2    1\n");
  EXPECT_THAT(run.error, HasSubstr("web[1,3]"));
}

TEST_F(QuerySeriesTest, TheWorstOfAPackIsItsStatus) {
  const std::string pack = Write("sick.conf", R"json({"queries": {
    "broken": {"query": "select json('broken')"},
    "good": {"query": "select 1 as x"}}})json");
  const Finished run = fleet().Run({"query", "-t", "web1", "--pack", pack});
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.output, HasSubstr("=== sick/good ===\nTARGET  X\n"));
  EXPECT_THAT(run.error, HasSubstr("1 failed"));
}

size_t Count(const std::string& text, std::string_view what) {
  size_t found = 0;
  for (size_t at = text.find(what); at != text.npos;
       at = text.find(what, at + 1)) {
    ++found;
  }
  return found;
}

// What the rows of a target are made of.
std::string Lines(const std::string& path) {
  return "SELECT path FROM file WHERE path IN ('" + path + "', '" + path +
         "2')";
}

TEST_F(QuerySeriesTest, OnlyWhatChangesIsShown) {
  const std::string path = Write("changing", "");
  const auto watch = fleet().Start({"query", "-t", "web1", "--every", "1s",
                                    "--changes", "-o", "jsonl", Lines(path)});
  ASSERT_TRUE(watch->WaitForOutput("\"action\":\"added\""));
  Write("changing2", "");
  ASSERT_TRUE(watch->WaitForOutput("changing2"));
  ASSERT_EQ(unlink(path.c_str()), 0);
  ASSERT_TRUE(watch->WaitForOutput("\"action\":\"removed\""));
  watch->Signal(SIGINT);
  EXPECT_EQ(watch->Wait(), 130) << watch->error();
  watch->Drain();
  const std::string output = watch->output();
  EXPECT_EQ(std::count(output.begin(), output.end(), '\n'), 3) << output;
  EXPECT_THAT(output, HasSubstr("\"target\":\"web1\",\"row\":{\"path\":"));
}

TEST_F(QuerySeriesTest, ATargetThatFailsKeepsItsRows) {
  const std::string path = Write("kept", "");
  const std::string broken = fleet().File("broken");
  // On web2 it fails while there is a file.
  const std::string query =
      "SELECT path, CASE WHEN EXISTS (SELECT 1 FROM file WHERE path = '" +
      broken +
      "') AND EXISTS (SELECT 1 FROM environment WHERE key = 'TUTTI_TARGET' "
      "AND value = 'web2') THEN json('broken') END AS x FROM (" +
      Lines(path) + ")";
  const auto watch = fleet().Start({"query", "-t", "web[1-2]", "--every", "1s",
                                    "--changes", "-o", "csv", query});
  ASSERT_TRUE(watch->WaitForOutput(",web2,")) << watch->error();
  Write("broken", "");
  ASSERT_TRUE(watch->WaitForError("failed")) << watch->error();
  EXPECT_THAT(watch->error(), HasSubstr("web2"));
  Write("kept2", "");
  ASSERT_TRUE(watch->WaitForOutput(",added,web1," + path + "2"));
  ASSERT_EQ(unlink(broken.c_str()), 0);
  ASSERT_TRUE(watch->WaitForOutput(",added,web2," + path + "2"));
  watch->Signal(SIGTERM);
  watch->Wait();
  watch->Drain();
  const std::string output = watch->output();
  EXPECT_THAT(output, Not(HasSubstr("removed")));
  // The header, and two rows of each.
  EXPECT_EQ(std::count(output.begin(), output.end(), '\n'), 5) << output;
}

TEST_F(QuerySeriesTest, OldJobsOfASeriesAreForgotten) {
  const auto watch = fleet().Start({"query", "-t", "web1", "--every", "1s",
                                    "--name", "watch", "SELECT 'here' AS x"});
  ASSERT_TRUE(
      WaitUntil([&] { return Count(watch->output(), "web1    here") >= 5; }));
  watch->Signal(SIGINT);
  EXPECT_EQ(watch->Wait(), 130);
  const std::string kept =
      fleet().Run({"job", "list", "--name", "watch", "-o", "names"}).output;
  EXPECT_LE(Count(kept, "\n"), 4u) << kept;
  EXPECT_GE(Count(kept, "\n"), 3u) << kept;
  EXPECT_THAT(watch->output(), StartsWith("=== 2"));
}

TEST_F(QuerySeriesTest, ASeriesOutlivesItsController) {
  const auto watch = fleet().Start(
      {"query", "-t", "web1", "--every", "1s", "--changes", "SELECT 'a' AS x"});
  ASSERT_TRUE(watch->WaitForOutput("web1"));
  fleet().KillController();
  fleet().StartController();
  fleet().WaitForOnline(3);
  const std::string before = NewestJobs();
  EXPECT_TRUE(WaitUntil([&] { return NewestJobs() != before; }));
  EXPECT_TRUE(watch->running());
  // Twice, so that one was answered.
  const std::string later = NewestJobs();
  EXPECT_TRUE(WaitUntil([&] { return NewestJobs() != later; }));
  watch->Signal(SIGINT);
  EXPECT_EQ(watch->Wait(), 130) << watch->error();
  watch->Drain();
  // What was known is known still.
  EXPECT_EQ(Count(watch->output(), "web1"), 1u) << watch->output();
  EXPECT_THAT(watch->output(), Not(HasSubstr("  -  ")));
}

// Between two times only Ctrl-C has a status of its own.
TEST_F(QuerySeriesTest, TheStatusOfTheLastTimeStays) {
  const auto watch = fleet().Start({"query", "-S", "-t", "web1", "--every",
                                    "1h", "-o", "csv", "SELECT 'a' AS x"});
  ASSERT_TRUE(watch->WaitForOutput("web1,a"));
  watch->Signal(SIGTERM);
  EXPECT_EQ(watch->Wait(), 0) << watch->error();
}

TEST_F(QuerySeriesTest, NobodyIsWaitedForAndSaidOnce) {
  const std::vector<std::string> query = {
      "query", "-t",         "arch=none", "--every",
      "1s",    "--if-empty", "ok",        "SELECT 1 AS x"};
  std::vector<std::string> dry = query;
  dry.emplace_back("-n");
  const Finished shown = fleet().Run(dry);
  EXPECT_EQ(shown.status, 0) << shown.error;
  EXPECT_THAT(shown.error, HasSubstr("is nobody now"));
  const auto watch = fleet().Start(query);
  ASSERT_TRUE(watch->WaitForError("is nobody now")) << watch->error();
  const std::string before = NewestJobs();
  watch->Signal(SIGINT);
  EXPECT_EQ(watch->Wait(), 130) << watch->error();
  EXPECT_EQ(Count(watch->error(), "is nobody now"), 1u) << watch->error();
  EXPECT_EQ(NewestJobs(), before);
}

// After the first job nothing but its end is the end: --expect holds each time.
TEST_F(QuerySeriesTest, ATimeThatFailsIsNotTheLast) {
  ASSERT_EQ(fleet().Run({"group", "set", "asked", "web1"}).status, 0);
  const auto watch = fleet().Start({"query", "-t", "@asked", "--every", "1s",
                                    "--expect", "1", "SELECT 'a' AS x"});
  ASSERT_TRUE(watch->WaitForOutput("web1")) << watch->error();
  ASSERT_EQ(fleet().Run({"group", "set", "asked", "web[1-2]"}).status, 0);
  ASSERT_TRUE(watch->WaitForError("it is asked again in its turn"))
      << watch->error();
  const size_t before = Count(watch->output(), "===");
  ASSERT_EQ(fleet().Run({"group", "set", "asked", "web1"}).status, 0);
  EXPECT_TRUE(
      WaitUntil([&] { return Count(watch->output(), "===") > before; }));
  watch->Signal(SIGTERM);
  EXPECT_EQ(watch->Wait(), 0) << watch->error();
}

TEST_F(QuerySeriesTest, WhenNoQueryIsLeftThatIsSaid) {
  const std::string pack = Write("none.conf", R"({"queries": {
    "bad": {"query": "select * from usrs"}}})");
  const Finished run = fleet().Run(
      {"query", "-t", "web1", "--pack", pack, "--skip-unknown-queries"});
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(run.error, AllOf(HasSubstr("none is left to ask"),
                               Not(HasSubstr("--skip-unknown-queries"))));
}

TEST_F(QuerySeriesTest, TheNewestJobIsNoTargetOfASeries) {
  fleet().Run({"run", "-t", "web1", "--", "true"});
  const Finished run = fleet().Run(
      {"query", "-t", "@job:last:completed", "--every", "1s", "SELECT 1"});
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(run.error, HasSubstr("name the job by its number"));
}

}  // namespace
}  // namespace tutti::testing
