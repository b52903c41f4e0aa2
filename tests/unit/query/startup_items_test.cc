#include <filesystem>
#include <string>

#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using StartupItemsTest = QueryTest;

TEST_F(StartupItemsTest, AreThoseOfDesktops) {
  Write("/etc/passwd", "ann:x:1:1::/home/ann:\n");
  Write("/home/ann/.config/autostart/a.desktop",
        "[Desktop Entry]\nName=Chat\nExec=/usr/bin/chat --hidden -v\n");
  Write("/etc/xdg/autostart/b.desktop", "Exec=b\nHidden=true\n");
  Write("/etc/xdg/autostart/README", "Name=none\n");
  EXPECT_THAT(
      Query("SELECT name, path, args, type, source, status, username "
            "FROM startup_items"),
      ElementsAre(
          ElementsAre("Chat", "/usr/bin/chat", "--hidden -v", "Startup Item",
                      "/home/ann/.config/autostart", "enabled", "ann"),
          ElementsAre("b.desktop", "b", "", "Startup Item",
                      "/etc/xdg/autostart", "disabled", "")));
}

TEST_F(StartupItemsTest, AreScriptsOfInit) {
  Write("/etc/init.d/cron", "");
  Write("/etc/init.d/off", "");
  Write("/etc/rc3.d/S01cron", "");
  Write("/etc/rc3.d/K01off", "");
  EXPECT_THAT(Query("SELECT name, path, status FROM startup_items"),
              ElementsAre(ElementsAre("cron", "/etc/init.d/cron", "enabled"),
                          ElementsAre("off", "/etc/init.d/off", "disabled")));
}

TEST_F(StartupItemsTest, AreUnitsThatTargetsWant) {
  Write("/usr/lib/systemd/system/web.service", "[Service]\nUser=www\n");
  Write("/etc/systemd/system/web.service.d/override.conf", "");
  const std::string wants = "/etc/systemd/system/multi-user.target.wants";
  std::filesystem::create_directories(Path(wants));
  std::filesystem::create_symlink("/usr/lib/systemd/system/web.service",
                                  Path(wants + "/web.service"));
  std::filesystem::create_symlink("../gone.service",
                                  Path(wants + "/gone.service"));
  EXPECT_THAT(
      Query("SELECT name, path, type, source, status, username "
            "FROM startup_items"),
      ElementsAre(
          ElementsAre("gone.service", "/etc/systemd/system/gone.service",
                      "systemd unit", wants, "enabled", "NULL"),
          ElementsAre("web.service", "/usr/lib/systemd/system/web.service",
                      "systemd unit", wants, "enabled", "www")));
}

TEST_F(StartupItemsTest, AreNoneWithoutFiles) {
  EXPECT_THAT(Query("SELECT * FROM startup_items"), IsEmpty());
}

}  // namespace
}  // namespace tutti::query
