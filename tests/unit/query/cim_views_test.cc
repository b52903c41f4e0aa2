#include <fmt/format.h>

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

TEST_F(CimViewsTest, ProcessesHaveTheirStates) {
  const auto add = [&](int pid, std::string_view name, std::string_view state) {
    Write(fmt::format("/proc/{}/stat", pid),
          fmt::format("{} ({}) {} 1 {} 7 0 -1 0 0 0 0 0 150 20 0 0 20 5 3 0 "
                      "300 4096 1\n",
                      pid, name, state, pid));
  };
  Write("/proc/stat", "btime 1700000000\n");
  add(7, "bash", "S");
  Write("/proc/7/status", "VmRSS:\t  10 kB\nUid:\t1\t2\t3\t4\n");
  Write("/proc/7/cmdline", "bash");
  add(8, "sh", "R");
  add(9, "gone", "Z");
  add(10, "held", "T");
  EXPECT_THAT(Query("SELECT Name, ProcessId FROM CIM_Process "
                    "WHERE Name LIKE '%sh'"),
              ElementsAre(ElementsAre("bash", "7"), ElementsAre("sh", "8")));
  EXPECT_THAT(
      Query("SELECT Handle, ExecutionState, CreationDate, KernelModeTime, "
            "UserModeTime, WorkingSetSize, ParentProcessId, RealUserID, "
            "CommandLine, ThreadCount FROM CIM_Process WHERE Handle = 7"),
      ElementsAre(ElementsAre("7", "4", "20231114221323.000000+000", "200",
                              "1500", "10240", "1", "1", "bash", "3")));
  EXPECT_THAT(
      Query("SELECT ExecutionState FROM CIM_Process "
            "WHERE ProcessId > 7"),
      ElementsAre(ElementsAre("3"), ElementsAre("7"), ElementsAre("8")));
}

TEST_F(CimViewsTest, TheSystemIsOneRow) {
  Write("/proc/sys/kernel/hostname", "web01\n");
  Write("/proc/sys/kernel/pid_max", "32768\n");
  Write("/proc/meminfo",
        "MemTotal: 8000 kB\nMemAvailable: 3000 kB\nSwapTotal: 100 kB\n"
        "SwapFree: 60 kB\n");
  Write("/etc/os-release", "NAME=Debian\nVERSION=\"12 (bookworm)\"\n");
  Write("/proc/uptime", "60.5 1.0\n");
  EXPECT_THAT(
      Query("SELECT CSName, Caption, OSType, TotalVisibleMemorySize, "
            "FreePhysicalMemory, TotalVirtualMemorySize, FreeVirtualMemory, "
            "FreeSpaceInPagingFiles, MaxNumberOfProcesses, NumberOfProcesses, "
            "Distributed FROM CIM_OperatingSystem"),
      ElementsAre(ElementsAre("web01", "Debian 12 (bookworm)", "36", "8000",
                              "3000", "8100", "3060", "60", "32768", "0",
                              "0")));
  EXPECT_THAT(Query("SELECT LastBootUpTime LIKE '20____________.000000+000', "
                    "LocalDateTime LIKE '20____________.000000_000', "
                    "CurrentTimeZone BETWEEN -720 AND 840, "
                    "LastBootUpTime < LocalDateTime "
                    "FROM CIM_OperatingSystem"),
              ElementsAre(ElementsAre("1", "1", "1", "1")));
  EXPECT_THAT(Query("SELECT Name, DNSHostName, TotalPhysicalMemory "
                    "FROM CIM_ComputerSystem"),
              ElementsAre(ElementsAre("web01", "web01", "8192000")));
}

TEST_F(CimViewsTest, ProcessorsAreSockets) {
  Write("/proc/cpuinfo",
        "processor: 0\nvendor_id: AuthenticAMD\nmodel name: EPYC\ncpu MHz: "
        "2500.5\nflags: fpu lm\n\nprocessor: 1\nmodel name: EPYC\n");
  EXPECT_THAT(
      Query("SELECT DeviceID, Name, Manufacturer, CurrentClockSpeed, "
            "AddressWidth, NumberOfCores, NumberOfLogicalProcessors, Role "
            "FROM CIM_Processor"),
      ElementsAre(ElementsAre("CPU0", "EPYC", "AuthenticAMD", "2500", "64", "2",
                              "2", "Central Processor")));
}

TEST_F(CimViewsTest, DisksAndFileSystemsAreMounts) {
  Write("/data/x", "");
  Write("/proc/mounts",
        "/dev/sda1 / ext4 rw,relatime 0 0\n"
        "/dev/sdb1 /data vfat ro,noatime 0 0\n");
  EXPECT_THAT(
      Query("SELECT DeviceID, Name, FileSystem, Size > FreeSpace, "
            "Status FROM CIM_LogicalDisk"),
      ElementsAre(ElementsAre("/", "/dev/sda1", "ext4", "1", "OK"),
                  ElementsAre("/data", "/dev/sdb1", "vfat", "1", "OK")));
  EXPECT_THAT(
      Query("SELECT Name, Root, FileSystemType, ReadOnly, "
            "CaseSensitive, FileSystemSize >= AvailableSpace, Status "
            "FROM CIM_FileSystem"),
      ElementsAre(ElementsAre("/", "/", "ext4", "0", "1", "1", "OK"),
                  ElementsAre("/data", "/data", "vfat", "1", "0", "1", "OK")));
}

}  // namespace
}  // namespace tutti::query
