#include <chrono>
#include <filesystem>

#include "tests/unit/query/rpm_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PackagesTest : public RpmTest {
 protected:
  PackagesTest() {
    Write("/var/lib/dpkg/status",
          "Package: bash\nStatus: install ok installed\nVersion: 5.2.15-2+b7\n"
          "Architecture: amd64\nInstalled-Size: 2\n\n"
          "Package: vim\nStatus: deinstall ok config-files\n"
          "Version: 2:9.0-1378-2\nArchitecture: all\nSource: v (2)\n");
    Write("/var/lib/dpkg/info/bash:amd64.list", "");
    std::filesystem::last_write_time(
        Path("/var/lib/dpkg/info/bash:amd64.list"),
        std::filesystem::file_time_type::clock::from_sys(
            std::chrono::sys_seconds(std::chrono::seconds(1600000000))));
    WriteDatabase("/var/lib/rpm/rpmdb.sqlite",
                  {{"bash", RpmHeader()
                                .Text(1000, "bash")
                                .Text(1001, "5.1")
                                .Text(1002, "6.el9")
                                .Text(1022, "x86_64")
                                .Text(1044, "bash-5.1-6.el9.src.rpm")
                                .Number(1003, 1)
                                .Number(1008, 1700000000)
                                .Number(1009, 7)
                                .Encode()}});
  }
};

TEST_F(PackagesTest, AreThoseOfDpkgAndOfRpm) {
  EXPECT_THAT(
      Query("SELECT name, version, release, epoch, architecture, source, "
            "format, status, size_bytes, installed_at FROM packages"),
      ElementsAre(ElementsAre("bash", "5.2.15", "2+b7", "0", "amd64", "bash",
                              "deb", "installed", "2048", "1600000000"),
                  ElementsAre("vim", "9.0-1378", "2", "2", "all", "v", "deb",
                              "config-files", "NULL", "NULL"),
                  ElementsAre("bash", "5.1", "6.el9", "1", "x86_64",
                              "bash-5.1-6.el9.src.rpm", "rpm", "installed", "7",
                              "1700000000")));
}

TEST_F(PackagesTest, AreFoundByNameAndFormat) {
  EXPECT_THAT(Query("SELECT format FROM packages WHERE name = 'bash'"),
              ElementsAre(ElementsAre("deb"), ElementsAre("rpm")));
  EXPECT_THAT(Query("SELECT name FROM packages WHERE format = 'rpm'"),
              ElementsAre(ElementsAre("bash")));
  EXPECT_THAT(Query("SELECT name FROM packages WHERE name = 'vi'"), IsEmpty());
}

}  // namespace
}  // namespace tutti::query
