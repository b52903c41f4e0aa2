#include <chrono>
#include <filesystem>

#include "query/cim/all_views.h"
#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using CimViewsTest = QueryTest;

// If this fails, a view names a table or a column that is not there.
TEST_F(CimViewsTest, AllCanBeRead) {
  for (const View& view : AllViews()) {
    const std::string query = "SELECT * FROM " + std::string(view.name);
    EXPECT_EQ(TryQuery(query).status(), absl::OkStatus());
  }
}

TEST_F(CimViewsTest, AccountsAreUsers) {
  Write("/etc/passwd", "root:x:0:0:Super user:/root:/bin/sh\n");
  EXPECT_THAT(Query("SELECT Name, UserID, typeof(UserID), Description "
                    "FROM CIM_Account"),
              ElementsAre(ElementsAre("root", "0", "text", "Super user")));
}

TEST_F(CimViewsTest, SoftwareIdentitiesAreInstalledPackages) {
  Write("/var/lib/dpkg/status",
        "Package: vim\nStatus: install ok installed\nVersion: 2:9.0-2\n"
        "Architecture: amd64\n\n"
        "Package: a\nStatus: install ok installed\nVersion: 10\n"
        "Architecture: all\n\n"
        "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n");
  Write("/var/lib/dpkg/info/vim.list", "");
  std::filesystem::last_write_time(
      Path("/var/lib/dpkg/info/vim.list"),
      std::filesystem::file_time_type::clock::from_sys(
          std::chrono::sys_seconds(std::chrono::seconds(1700000000))));
  EXPECT_THAT(Query("SELECT InstanceID, Name, VersionString, InstallDate "
                    "FROM CIM_SoftwareIdentity"),
              ElementsAre(ElementsAre("deb:vim:amd64:2:9.0-2", "vim", "2:9.0-2",
                                      "20231114221320.000000+000"),
                          ElementsAre("deb:a:all:0:10", "a", "10", "NULL")));
  // As text 10 comes before 9.
  EXPECT_THAT(Query("SELECT Name FROM CIM_SoftwareIdentity "
                    "WHERE VersionString > '9' AND VersionString < '1:0'"),
              ElementsAre(ElementsAre("a")));
}

TEST_F(CimViewsTest, EndpointsAreAddresses) {
  EXPECT_THAT(
      Query("SELECT Name, IPv4Address, SubnetMask, IPv6Address, PrefixLength, "
            "ProtocolIFType, IPVersionSupport, AddressOrigin "
            "FROM CIM_IPProtocolEndpoint"),
      Contains(ElementsAre("lo_127.0.0.1", "127.0.0.1", "255.0.0.0", "NULL",
                           "NULL", "4096", "1", "3")));
}

TEST_F(CimViewsTest, TheLoopbackIsNoAdapter) {
  EXPECT_THAT(Query("SELECT * FROM CIM_NetworkAdapter WHERE DeviceID = 'lo'"),
              IsEmpty());
}

}  // namespace
}  // namespace tutti::query
