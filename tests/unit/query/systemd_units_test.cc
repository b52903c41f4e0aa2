#include <filesystem>

#include "query/host/systemd.h"
#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using SystemdUnitsTest = QueryTest;

TEST_F(SystemdUnitsTest, ListsAreParsedAsJsonAndAsColumns) {
  for (const char* output :
       {R"([{"unit":"a.service","load":"loaded","active":"active",)"
        R"("sub":"running","description":"Runs a"}])",
        "a.service loaded active running Runs a\n"}) {
    const std::vector<SystemdUnit> units = ParseUnitList(output);
    ASSERT_EQ(units.size(), 1u) << output;
    EXPECT_EQ(units[0].id, "a.service");
    EXPECT_EQ(units[0].load_state, "loaded");
    EXPECT_EQ(units[0].active_state, "active");
    EXPECT_EQ(units[0].sub_state, "running");
    EXPECT_EQ(units[0].description, "Runs a");
  }
  EXPECT_THAT(ParseUnitList(""), IsEmpty());
  EXPECT_THAT(ParseUnitList("[1]"), IsEmpty());
  EXPECT_THAT(ParseUnitList("[{\"unit\":"), IsEmpty());
}

TEST_F(SystemdUnitsTest, DetailsGoToTheirUnits) {
  std::vector<SystemdUnit> units(2);
  units[0].id = "a.service";
  units[1].id = "b.device";
  AddUnitDetails(
      "Id=c.service\nUser=nobody\n\n"
      "Id=b.device\nFollowing=c.device\nJob=\n\n"
      "User=www\nId=a.service\nFragmentPath=/lib/a=b\nSourcePath=/etc/a\n"
      "Job=17\n",
      units);
  EXPECT_EQ(units[0].user, "www");
  EXPECT_EQ(units[0].fragment_path, "/lib/a=b");
  EXPECT_EQ(units[0].source_path, "/etc/a");
  EXPECT_EQ(units[0].job_id, 17);
  EXPECT_EQ(units[1].following, "c.device");
  EXPECT_EQ(units[1].user, "");
  EXPECT_EQ(units[1].job_id, 0);
}

TEST_F(SystemdUnitsTest, WithoutSystemdTheyAreThoseOfTheFiles) {
  Write("/etc/systemd/system/a.service",
        "[Unit]\nDescription=Mine\n[Service]\nUser = www\nUser=daemon\n");
  Write("/usr/lib/systemd/system/a.service", "[Unit]\nDescription=Theirs\n");
  Write("/usr/lib/systemd/system/b.timer",
        "# [Unit]\n[Unit]\nSourcePath=/etc/b\n");
  Write("/usr/lib/systemd/system/c@.service", "[Unit]\n");
  Write("/usr/lib/systemd/system/README", "");
  std::filesystem::create_symlink("/dev/null",
                                  Path("/etc/systemd/system/m.socket"));
  std::filesystem::create_symlink("a.service",
                                  Path("/etc/systemd/system/alias.service"));
  std::filesystem::create_symlink("/opt/o.service",
                                  Path("/etc/systemd/system/o.service"));
  Write("/opt/o.service", "[Unit]\nDescription=Optional\n");
  EXPECT_THAT(
      Query("SELECT id, description, load_state, active_state, sub_state, "
            "user, fragment_path, source_path FROM systemd_units"),
      ElementsAre(ElementsAre("a.service", "Mine", "loaded", "inactive", "dead",
                              "daemon", "/etc/systemd/system/a.service", ""),
                  ElementsAre("m.socket", "", "masked", "inactive", "dead", "",
                              "/etc/systemd/system/m.socket", ""),
                  ElementsAre("o.service", "Optional", "loaded", "inactive",
                              "dead", "", "/etc/systemd/system/o.service", ""),
                  ElementsAre("b.timer", "", "loaded", "inactive", "dead", "",
                              "/usr/lib/systemd/system/b.timer", "/etc/b")));
}

TEST_F(SystemdUnitsTest, ObjectsAreNamedAsOnDBus) {
  EXPECT_EQ(UnitObjectPath("9p@a-b.service"),
            "/org/freedesktop/systemd1/unit/_39p_40a_2db_2eservice");
}

TEST_F(SystemdUnitsTest, AreNoneWithoutSystemd) {
  EXPECT_THAT(Query("SELECT * FROM systemd_units"), IsEmpty());
}

}  // namespace
}  // namespace tutti::query
