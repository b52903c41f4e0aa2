// What becomes of systemd's states.
#include "query/cim/all_views.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using tutti::testing::IsOk;

absl::Status AddUnits(const TableRequest& /*request*/, Rows& rows) {
  constexpr std::pair<const char*, const char*> kStates[] = {
      {"sshd.service", "active"},    {"a.service", "inactive"},
      {"b.service", "failed"},       {"c.service", "activating"},
      {"d.service", "deactivating"}, {"e.service", "reloading"},
      {"basic.target", "active"},
  };
  for (const auto& [id, state] : kStates) {
    Row& row = rows.Add();
    row.Set("id", id);
    row.Set("description", id);
    row.Set("active_state", state);
    row.Set("user", "www");
  }
  return absl::OkStatus();
}

const Table kUnits = {
    .name = "systemd_units",
    .description = "",
    .columns = {{"id", ColumnType::kText, ""},
                {"description", ColumnType::kText, ""},
                {"active_state", ColumnType::kText, ""},
                {"user", ColumnType::kText, ""}},
    .generate = AddUnits,
};

class CimServiceTest : public ::testing::Test {
 protected:
  CimServiceTest() {
    for (const View& view : AllViews()) {
      if (view.name == "CIM_Service") views_.push_back(view);
    }
    auto opened = Database::Open({&kUnits}, views_, "");
    EXPECT_THAT(opened, IsOk());
    database_ = *std::move(opened);
  }

  TextRows Query(std::string_view sql) { return RowsOf(*database_, sql); }

 private:
  std::vector<View> views_;
  std::unique_ptr<Database> database_;
};

TEST_F(CimServiceTest, StatesAreThoseOfWmi) {
  EXPECT_THAT(Query("SELECT Name, State, Started, Status, EnabledState "
                    "FROM CIM_Service"),
              ElementsAre(ElementsAre("sshd", "Running", "1", "OK", "2"),
                          ElementsAre("a", "Stopped", "0", "OK", "3"),
                          ElementsAre("b", "Stopped", "0", "Error", "3"),
                          ElementsAre("c", "Start Pending", "0", "OK", "10"),
                          ElementsAre("d", "Stop Pending", "0", "OK", "4"),
                          ElementsAre("e", "Running", "1", "OK", "2")));
}

// If this fails, a query that people bring from WMI does not work.
TEST_F(CimServiceTest, ConditionsOfWqlHold) {
  EXPECT_THAT(Query("SELECT Name FROM CIM_Service WHERE Started = TRUE AND "
                    "Name = \"sshd\""),
              ElementsAre(ElementsAre("sshd")));
  EXPECT_THAT(Query("select name from cim_service where State <> 'Stopped' and "
                    "STARTED != true"),
              ElementsAre(ElementsAre("c"), ElementsAre("d")));
  EXPECT_THAT(Query("SELECT Name FROM CIM_Service WHERE State = 'Running'"),
              ElementsAre(ElementsAre("sshd"), ElementsAre("e")));
  EXPECT_THAT(Query("SELECT Name FROM CIM_Service WHERE NOT StartName IS NULL "
                    "AND Name LIKE \"s%\""),
              ElementsAre(ElementsAre("sshd")));
}

}  // namespace
}  // namespace tutti::query
