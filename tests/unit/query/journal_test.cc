#include "query/host/journal.h"

#include "tests/support/status_matchers.h"
#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using tutti::testing::StatusIs;

using JournalTest = QueryTest;

TEST_F(JournalTest, EntriesAreParsed) {
  const std::vector<JournalEntry> entries = ParseJournal(
      R"({"__REALTIME_TIMESTAMP":"1700000000123456","__CURSOR":"s=1",)"
      R"("PRIORITY":"3","_PID":"17","_SYSTEMD_UNIT":"a.service",)"
      R"("SYSLOG_IDENTIFIER":"a","_HOSTNAME":"h","MESSAGE":"said"})"
      "\n"
      R"({"__REALTIME_TIMESTAMP":"1","UNIT":"a.service","_COMM":"systemd",)"
      R"("_SYSTEMD_UNIT":"init.scope","MESSAGE":[104,255]})"
      "\n"
      R"({"__REALTIME_TIMESTAMP":"2","MESSAGE":null})"
      "\n"
      R"({"__REALTIME_TIMESTAMP":"3","MESSAGE":["one","two"]})"
      "\n"
      "{\"__REALTIME_TIMESTAMP\":\n"
      "{\"MESSAGE\":\"of no time\"}\n[]\n");
  ASSERT_EQ(entries.size(), 4u);
  EXPECT_EQ(entries[0].timestamp, 1700000000123456);
  EXPECT_EQ(entries[0].cursor, "s=1");
  EXPECT_EQ(entries[0].priority, 3);
  EXPECT_EQ(entries[0].pid, 17);
  EXPECT_EQ(entries[0].unit, "a.service");
  EXPECT_EQ(entries[0].identifier, "a");
  EXPECT_EQ(entries[0].hostname, "h");
  EXPECT_EQ(entries[0].message, "said");
  EXPECT_EQ(entries[1].unit, "a.service");
  EXPECT_EQ(entries[1].identifier, "systemd");
  EXPECT_EQ(entries[1].message, "h\xff");
  EXPECT_EQ(entries[1].priority, std::nullopt);
  EXPECT_EQ(entries[2].message, std::nullopt);
  EXPECT_EQ(entries[3].message, "one");
}

// If this fails, a value of a query becomes an option of journalctl, or all of
// the journal is read.
TEST_F(JournalTest, ConditionsAreArguments) {
  JournalFilter filter;
  filter.unit = "--vacuum-size=0";
  filter.priority = 3;
  filter.since = "1 hour ago";
  const auto arguments = JournalArguments(filter, "/root");
  EXPECT_THAT(arguments, Contains("--unit=--vacuum-size=0"));
  EXPECT_THAT(arguments, Contains("--priority=3..3"));
  EXPECT_THAT(arguments, Contains("--since=1 hour ago"));
  EXPECT_THAT(arguments, Contains("--root=/root"));
  filter = {};
  filter.since = "1700000000";
  EXPECT_THAT(JournalArguments(filter, ""), Contains("--since=@1700000000"));
  EXPECT_THAT(JournalArguments(filter, ""), Not(Contains(HasSubstr("root"))));
}

TEST_F(JournalTest, NeedsAConditionThatMakesItCheaper) {
  for (const char* query :
       {"SELECT * FROM journal", "SELECT * FROM journal WHERE pid = 1"}) {
    EXPECT_THAT(
        TryQuery(query).status(),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("needs")))
        << query;
  }
  EXPECT_THAT(
      TryQuery("SELECT * FROM journal WHERE unit LIKE 'ssh%'").status(),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("needs")));
}

TEST_F(JournalTest, AreNoneWithoutAJournal) {
  EXPECT_THAT(Query("SELECT * FROM journal WHERE unit = 'a.service'"),
              IsEmpty());
  EXPECT_THAT(Query("SELECT * FROM journal WHERE priority = 8"), IsEmpty());
}

}  // namespace
}  // namespace tutti::query
