#include "controller/cli/run/query_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/base/files.h"
#include "common/text/mistake_place.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace tutti::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using tutti::testing::StatusIs;
using tutti::testing::TemporaryDirectory;

class QueryPlanTest : public ::testing::Test {
 protected:
  // A pack of this name.
  std::string File(const std::string& name, const std::string& content) {
    const std::string path = directory_.File(name);
    EXPECT_TRUE(WriteFileAtomically(path, content, 0600).ok());
    return path;
  }
  // A pack, incident, of such queries.
  QueryOptions Pack(const std::string& queries) {
    QueryOptions options;
    options.run.targets = {"all"};
    options.run.quiet = true;
    options.pack =
        File("incident.conf", "{\"queries\": {\n" + queries + "\n}}");
    return options;
  }
  absl::StatusOr<std::vector<PlannedQuery>> Plan(const QueryOptions& options) {
    return PlanQueries(options, context_);
  }
  // A query that is all right, with one change.
  absl::Status PlanWith(const std::function<void(QueryOptions&)>& change) {
    QueryOptions options;
    options.run.targets = {"all"};
    options.sql = "SELECT 1";
    change(options);
    return Plan(options).status();
  }

  TemporaryDirectory directory_;
  SystemClock clock_;
  Context context_{.clock = clock_};
};

TEST_F(QueryPlanTest, EachQueryOfAPackIsAJobOfItsName) {
  QueryOptions options = Pack(
      R"("users": {"query": "select * from users;"},
         "one": {"query": "select 1"})");
  TUTTI_ASSERT_OK_AND_ASSIGN(const auto queries, Plan(options));
  ASSERT_EQ(queries.size(), 2u);
  EXPECT_EQ(queries[0].label, "incident/users");
  EXPECT_EQ(queries[0].job_name, "incident/users");
  EXPECT_EQ(queries[0].plan.work.query().sql(), "select * from users;");
  EXPECT_FALSE(queries[0].plan.work.has_condition());
  EXPECT_EQ(queries[1].label, "incident/one");
  options.run.name = "case-7";
  TUTTI_ASSERT_OK_AND_ASSIGN(const auto named, Plan(options));
  EXPECT_EQ(named[1].job_name, "case-7/one");
}

TEST_F(QueryPlanTest, DiscoveryIsTheConditionOfEachJob) {
  QueryOptions options = Pack("");
  options.pack = File("p.json", R"({
    "discovery": ["select 1 from users;", "select 2"],
    "queries": {"a": {"query": "select 3"}}})");
  TUTTI_ASSERT_OK_AND_ASSIGN(const auto queries, Plan(options));
  EXPECT_EQ(queries[0].plan.work.condition().sql(),
            "SELECT 1 WHERE EXISTS (select 1 from users) AND EXISTS (select "
            "2)");
  options.pack = File("p.json", R"({
    "discovery": ["select 1 from usrs"],
    "queries": {"a": {"query": "select 3"}}})");
  EXPECT_THAT(Plan(options),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("p: discovery: there is no table 'usrs' (did "
                                 "you mean users?)")));
}

TEST_F(QueryPlanTest, AQueryThatCanNotBeAskedIsNamedWithItsPlace) {
  const QueryOptions options = Pack(
      R"("good": {"query": "select 1"},
         "bad": {"query": "select usrname from users"})");
  const absl::Status status = Plan(options).status();
  EXPECT_THAT(
      status,
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr("incident/bad: there is no column 'usrname' "
                               "(did you mean username?)"),
                     HasSubstr("--skip-unknown-queries"))));
  EXPECT_EQ(ShowPlace(status), "  select usrname from users\n         ^\n");
}

TEST_F(QueryPlanTest, AllThatCanNotBeAskedAreNamed) {
  QueryOptions options = Pack(
      R"("good": {"query": "select 1"},
         "bad": {"query": "select * from usrs"},
         "worse": {"query": "drop table users"})");
  context_.output = OutputFormat::kJson;
  EXPECT_THAT(Plan(options).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("incident/bad: there is no table"),
                             HasSubstr("incident/worse: a query only reads"),
                             HasSubstr("2 of 3 queries can not be asked"))));
  options.skip_unknown_queries = true;
  TUTTI_ASSERT_OK_AND_ASSIGN(const auto queries, Plan(options));
  ASSERT_EQ(queries.size(), 1u);
  EXPECT_EQ(queries[0].label, "incident/good");
  options = Pack(R"("bad": {"query": "select * from usrs"})");
  options.skip_unknown_queries = true;
  EXPECT_THAT(Plan(options).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("usrs")));
}

// The name of a job, which `job list --name` and @job: take.
TEST_F(QueryPlanTest, ANameThatNoJobCanHaveIsRefused) {
  EXPECT_THAT(Plan(Pack(R"("a*": {"query": "select 1"})")).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("'incident/a*' can not be a job's name")));
}

TEST_F(QueryPlanTest, AQueryThatIsAskedAgainAndAgainSaysSoInItsName) {
  QueryOptions options;
  options.run.targets = {"all"};
  options.sql = "SELECT 1";
  options.every = absl::Minutes(90);
  TUTTI_ASSERT_OK_AND_ASSIGN(const auto queries, Plan(options));
  EXPECT_EQ(queries[0].label, "");
  EXPECT_EQ(queries[0].job_name, "every-1h30m");
}

TEST_F(QueryPlanTest, OptionsThatContradictEachOtherAreRefused) {
  const auto with_pack = [&](QueryOptions& options) {
    options.sql.clear();
    options.pack =
        File("x.conf", R"({"queries": {"a": {"query": "select 1"}}})");
  };
  struct Case {
    std::function<void(QueryOptions&)> change;
    std::string text;
  };
  const std::vector<Case> cases = {
      {[](auto& o) { o.pack = "x"; }, "--pack has the queries"},
      {[](auto& o) { o.file = "x"; }, "leave one out"},
      {[](auto& o) { o.sql.clear(); }, "no query given"},
      {[](auto& o) { o.skip_unknown_queries = true; }, "those of a pack"},
      {[&](auto& o) { with_pack(o), o.run.id = "x"; }, "leave out --id"},
      {[&](auto& o) { with_pack(o), o.run.wait = absl::Seconds(1); }, "--wait"},
      {[&](auto& o) { with_pack(o), o.run.show.merge = "x"; }, "--merge"},
      {[](auto& o) { o.sql = "-", o.run.target_files = {"-"}; },
       "can be read once"},
      {[](auto& o) { o.changes = true; }, "say with --every"},
      {[](auto& o) { o.every = absl::ZeroDuration(); }, "too short"},
      {[](auto& o) { o.every = absl::Milliseconds(500); }, "too short"},
      {[](auto& o) { o.every = absl::Hours(1), o.run.detach = true; }, "-d"},
      {[](auto& o) { o.every = absl::Hours(1), o.run.id = "x"; }, "--id"},
      {[](auto& o) { o.every = absl::Hours(1), o.run.pick = "2"; }, "--pick"},
      {[](auto& o) {
         o.every = absl::Hours(1), o.changes = o.run.show.gather = true;
       },
       "leave -b and --merge out"},
  };
  for (const Case& bad : cases) {
    EXPECT_THAT(
        PlanWith(bad.change),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(bad.text)))
        << bad.text;
  }
  context_.output = OutputFormat::kJson;
  EXPECT_THAT(
      PlanWith([](auto& o) { o.every = absl::Hours(1); }),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("give -o jsonl")));
}

TEST_F(QueryPlanTest, APackThatIsNoneIsNamed) {
  QueryOptions options = Pack(R"("a": {"query": "select 1",})");
  EXPECT_THAT(Plan(options).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("incident.conf: line 2: this is no JSON")));
  options.pack = directory_.File("nothing");
  EXPECT_THAT(Plan(options).status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("nothing")));
}

}  // namespace
}  // namespace tutti::cli
