#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DebPackagesTest : public QueryTest {
 protected:
  DebPackagesTest() {
    Write("/var/lib/dpkg/status",
          "Package: libgcc-s1\n"
          "Status: install ok installed\n"
          "Priority: optional\n"
          "Section: libs\n"
          "Installed-Size: 140\n"
          "Maintainer: Somebody <s@example.org>\n"
          "Architecture: amd64\n"
          "Source: gcc-12 (12.2.0-14)\n"
          "Version: 1:12.2.0-14+deb12u1\n"
          "Description: GCC support library\n"
          " Package: this is no field\n"
          " .\n"
          " More.\n"
          "\n"
          "Package: native\n"
          "Status: deinstall ok config-files\n"
          "version: 9\n"
          "Installed-Size: unknown\n"
          "\n"
          "Package: gone\n"
          "Status: purge ok not-installed\n");
  }
};

TEST_F(DebPackagesTest, AreThoseOfTheStatusFile) {
  EXPECT_THAT(
      Query("SELECT name, version, revision, source, size, arch, status, "
            "maintainer, section, priority, admindir FROM deb_packages"),
      ElementsAre(
          ElementsAre("libgcc-s1", "1:12.2.0-14+deb12u1", "14+deb12u1",
                      "gcc-12", "143360", "amd64", "install ok installed",
                      "Somebody <s@example.org>", "libs", "optional",
                      "/var/lib/dpkg"),
          ElementsAre("native", "9", "", "native", "NULL", "",
                      "deinstall ok config-files", "", "", "",
                      "/var/lib/dpkg")));
}

// If this fails, 1:12 counts as older than 9.
TEST_F(DebPackagesTest, VersionsCompareAsDpkgDoes) {
  EXPECT_THAT(Query("SELECT name FROM deb_packages WHERE version > '10'"),
              ElementsAre(ElementsAre("libgcc-s1")));
}

TEST_F(DebPackagesTest, AreThoseOfAnotherFolderThatIsAskedFor) {
  Write("/chroot/dpkg/status",
        "Package: other\nStatus: install ok installed\nVersion: 1-2\n");
  EXPECT_THAT(Query("SELECT name FROM deb_packages "
                    "WHERE admindir = '/chroot/dpkg'"),
              ElementsAre(ElementsAre("other")));
  EXPECT_THAT(Query("SELECT name FROM deb_packages WHERE admindir = '/none'"),
              IsEmpty());
}

}  // namespace
}  // namespace tutti::query
