#include <filesystem>

#include "tests/support/status_matchers.h"
#include "tests/unit/query/rpm_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using tutti::testing::StatusIs;

constexpr std::string_view kDatabase = "/var/lib/rpm/rpmdb.sqlite";

class RpmPackagesTest : public RpmTest {
 protected:
  const Entry bash_ = {"bash", RpmHeader()
                                   .Text(269, "0a1b")
                                   .Text(1000, "bash")
                                   .Text(1001, "5.10")
                                   .Text(1002, "6.el9")
                                   .Number(1003, 2)
                                   .Number(1008, 1700000000)
                                   .Number(1009, 7738634)
                                   .Text(1011, "Example")
                                   .Text(1016, "Unspecified")
                                   .Text(1022, "x86_64")
                                   .Text(1044, "bash-5.10-6.el9.src.rpm")
                                   .Encode()};
  const Entry huge_ = {"huge", RpmHeader()
                                   .Text(1000, "huge")
                                   .Text(1001, "5.9")
                                   .LongNumber(5009, 8ull << 32)
                                   .Encode()};
};

TEST_F(RpmPackagesTest, AreThoseOfTheDatabase) {
  WriteDatabase(kDatabase, {bash_, huge_});
  EXPECT_THAT(
      Query("SELECT name, version, release, source, size, sha1, arch, epoch, "
            "install_time, vendor, package_group FROM rpm_packages"),
      ElementsAre(
          ElementsAre("bash", "5.10", "6.el9", "bash-5.10-6.el9.src.rpm",
                      "7738634", "0a1b", "x86_64", "2", "1700000000", "Example",
                      "Unspecified"),
          ElementsAre("huge", "5.9", "", "", "34359738368", "", "", "0", "NULL",
                      "", "")));
  EXPECT_THAT(Query("SELECT name FROM rpm_packages WHERE version > '5.9'"),
              ElementsAre(ElementsAre("bash")));
}

TEST_F(RpmPackagesTest, OnesOfANameAreFoundByTheIndex) {
  // If the index is not used, the damaged header is an error.
  WriteDatabase(kDatabase, {bash_, {"damaged", "?"}});
  EXPECT_THAT(Query("SELECT arch FROM rpm_packages WHERE name = 'bash'"),
              ElementsAre(ElementsAre("x86_64")));
  EXPECT_THAT(Query("SELECT arch FROM rpm_packages WHERE name = 'none'"),
              IsEmpty());
}

TEST_F(RpmPackagesTest, TheNewerPlaceComesFirst) {
  WriteDatabase(kDatabase, {bash_});
  WriteDatabase("/usr/lib/sysimage/rpm/rpmdb.sqlite", {huge_});
  EXPECT_THAT(Query("SELECT name FROM rpm_packages"),
              ElementsAre(ElementsAre("huge")));
}

// If this fails, a query changes the host.
TEST_F(RpmPackagesTest, NothingIsWrittenBesideTheDatabase) {
  WriteDatabase(kDatabase, {bash_});
  Query("SELECT * FROM rpm_packages");
  EXPECT_FALSE(std::filesystem::exists(Path(kDatabase) + "-wal"));
  EXPECT_FALSE(std::filesystem::exists(Path(kDatabase) + "-shm"));
}

TEST_F(RpmPackagesTest, DamageIsAnErrorThatNamesTheDatabase) {
  const std::string header = bash_.header;
  for (const std::string& damaged :
       {std::string(), header.substr(0, 7), header.substr(0, 40),
        header.substr(0, header.size() - 1),
        "\x7f\xff\xff\xff" + header.substr(4), RpmHeader().Encode()}) {
    std::filesystem::remove(Path(kDatabase));
    WriteDatabase(kDatabase, {{"damaged", damaged}});
    EXPECT_THAT(TryQuery("SELECT * FROM rpm_packages").status(),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         HasSubstr(Path(kDatabase))));
  }
  Write(kDatabase, "no database");
  EXPECT_THAT(TryQuery("SELECT * FROM rpm_packages").status(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("not a database")));
}

TEST_F(RpmPackagesTest, AreNoneWithoutRpm) {
  EXPECT_THAT(Query("SELECT * FROM rpm_packages"), IsEmpty());
}

}  // namespace
}  // namespace tutti::query
