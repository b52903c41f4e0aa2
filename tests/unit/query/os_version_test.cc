#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using OsVersionTest = QueryTest;

constexpr const char* kQuery =
    "SELECT name, version, major, minor, patch, platform, platform_like, "
    "codename FROM os_version";

TEST_F(OsVersionTest, IsThatOfOsRelease) {
  EXPECT_THAT(Query(kQuery), IsEmpty());
  Write("/etc/os-release",
        "NAME=\"Ubuntu\"\nVERSION_ID=\"22.04\"\nID=ubuntu\nID_LIKE=debian\n"
        "# a comment\n\nBROKEN=\"\n"
        "VERSION=\"22.04.3 LTS (Jammy Jellyfish)\"\nVERSION_CODENAME=jammy\n");
  EXPECT_THAT(Query(kQuery), ElementsAre(ElementsAre(
                                 "Ubuntu", "22.04.3 LTS (Jammy Jellyfish)",
                                 "22", "4", "3", "ubuntu", "debian", "jammy")));
  EXPECT_THAT(Query("SELECT length(arch) > 0 FROM os_version"),
              ElementsAre(ElementsAre("1")));
}

TEST_F(OsVersionTest, MayHaveFewNumbers) {
  Write("/usr/lib/os-release",
        "NAME='Debian GNU/Linux'\nVERSION_ID=12\nVERSION=\"12 (bookworm)\"\n"
        "ID=debian\n");
  EXPECT_THAT(Query(kQuery),
              ElementsAre(ElementsAre("Debian GNU/Linux", "12 (bookworm)", "12",
                                      "0", "0", "debian", "", "")));
}

TEST_F(OsVersionTest, MayHaveNoNumber) {
  Write("/etc/os-release", "NAME=\"Arch Linux\"\nID=arch\n");
  EXPECT_THAT(Query("SELECT name, major, minor, patch FROM os_version"),
              ElementsAre(ElementsAre("Arch Linux", "0", "0", "0")));
}

}  // namespace
}  // namespace tutti::query
