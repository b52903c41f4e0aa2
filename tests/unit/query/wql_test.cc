// What WQL has beside SELECT is refused with what to use instead.
#include "query/engine/wql.h"

#include "tests/support/status_matchers.h"
#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using tutti::testing::StatusIs;

using WqlTest = QueryTest;

constexpr auto kWrong = absl::StatusCode::kInvalidArgument;

TEST_F(WqlTest, AssociationsAreJoins) {
  for (const char* query :
       {"ASSOCIATORS OF {Win32_LogicalDisk.DeviceID='C:'}",
        "associators\n\t of{CIM_Process.Handle='1'} WHERE ClassDefsOnly",
        " /* all */ Associators Of {CIM_Service.Name=\"sshd\"}",
        "-- all\nREFERENCES  OF {CIM_Service.Name=\"sshd\"}",
        "ReferenceS\rOF {CIM_Service.Name=\"sshd\"}"}) {
    EXPECT_THAT(
        TryQuery(query).status(),
        StatusIs(kWrong,
                 AllOf(HasSubstr(" OF is WQL"), HasSubstr("not supported"),
                       HasSubstr("JOIN"), Not(HasSubstr("\n")))))
        << query;
  }
}

TEST_F(WqlTest, EventsAreChanges) {
  for (const char* query :
       {"SELECT * FROM __InstanceCreationEvent WITHIN 5 WHERE TargetInstance "
        "ISA 'Win32_Process'",
        "select*from\n__instancedeletionevent\twithin\n.5",
        "SELECT * FROM CIM_Process WITHIN 10 WHERE Name = 'sh'",
        "SELECT Name FROM CIM_Process GROUP WITHIN 5 HAVING x > 1",
        "SELECT * FROM __EventFilter", "SELECT * FROM /* x */ __TimerEvent",
        "SELECT * FROM users JOIN __EventFilter",
        "SELECT * FROM __InstanceCreationEvent WHERE TargetInstance ISA 'C'",
        "SELECT * FROM Win32_ProcessStartTrace"}) {
    EXPECT_THAT(
        TryQuery(query).status(),
        StatusIs(kWrong, AllOf(HasSubstr("event"), HasSubstr("not supported"),
                               HasSubstr("--every 5m --changes"),
                               Not(HasSubstr("\n")))))
        << query;
  }
}

// If this fails, the caret of the CLI stands under something else.
TEST_F(WqlTest, ThePlaceIsThatOfTheWord) {
  const std::string query = "SELECT * FROM CIM_Process  WITHIN 5";
  EXPECT_FALSE(database().Check(query).ok());
  EXPECT_EQ(database().error().offset, query.find("WITHIN"));
}

TEST_F(WqlTest, WhatIsSqlStaysSql) {
  for (const char* query : {"WITH __x AS (SELECT 1 AS a) SELECT a FROM __x",
                            "SELECT 'WITHIN 5', \"associators of\" -- FROM __x",
                            "SELECT within.a FROM (SELECT 1 AS a) within"}) {
    EXPECT_EQ(TryQuery(query).status(), absl::OkStatus()) << query;
  }
  for (const char* query : {"SELECT username FORM users WHERE 'WITHIN 5'",
                            "SELECT 'WITHIN 5", "SELECT /* WITHIN 5",
                            "WITH __x AS (SELECT 1 AS a) SELECT b FROM __x"}) {
    EXPECT_THAT(
        TryQuery(query).status(),
        StatusIs(kWrong, AllOf(Not(HasSubstr("WQL")), Not(HasSubstr("WMI")))))
        << query;
  }
}

TEST_F(WqlTest, ClassesOfWindowsHaveTheirKin) {
  EXPECT_THAT(TryQuery("SELECT * FROM win32_Process").status(),
              StatusIs(kWrong, HasSubstr("did you mean CIM_Process?")));
}

// A class like any other, whatever its name ends with.
TEST_F(WqlTest, TheLogOfWindowsIsTheJournal) {
  const std::string query = "SELECT * FROM Win32_NTLogEvent";
  EXPECT_THAT(TryQuery(query).status(),
              StatusIs(kWrong, AllOf(HasSubstr("the table journal"),
                                     Not(HasSubstr("--every")))));
  EXPECT_EQ(database().error().offset, query.find("Win32"));
}

TEST(DmtfNameTest, OtherNamesStay) {
  EXPECT_EQ(DmtfName("WIN32_Service"), "CIM_Service");
  EXPECT_EQ(DmtfName("win32"), "win32");
  EXPECT_EQ(DmtfName(""), "");
}

}  // namespace
}  // namespace tutti::query
