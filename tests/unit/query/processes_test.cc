#include "query/host/processes.h"

#include <unistd.h>

#include <string>

#include "tests/unit/query/process_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using ProcessesTest = ProcessTest;

TEST_F(ProcessesTest, HaveWhatStatSays) {
  Write("/proc/stat", "cpu 1 2\nbtime 1000\n");
  AddProcess(7, "a) b (c");
  AddProcess(70, "sh");
  // No process.
  Write("/proc/meminfo", "");
  EXPECT_THAT(Query("SELECT pid, name, state, parent, pgroup, nice, threads, "
                    "user_time, system_time, start_time FROM processes"),
              ElementsAre(ElementsAre("7", "a) b (c", "S", "1", "7", "5", "3",
                                      "1500", "200", "1003"),
                          ElementsAre("70", "sh", "S", "1", "70", "5", "3",
                                      "1500", "200", "1003")));
  EXPECT_THAT(Query("SELECT name FROM processes WHERE pid = 70"),
              ElementsAre(ElementsAre("sh")));
  EXPECT_THAT(Query("SELECT name FROM processes WHERE pid IN (8, -7, 'x')"),
              IsEmpty());
}

TEST_F(ProcessesTest, HaveUsersSizesAndTraffic) {
  AddProcess(7, "sh");
  Write("/proc/7/status",
        "Name:\tsh\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nVmSize:\t    30 kB\n"
        "VmLck:\t 0 kB\nVmRSS:\t  10 kB\n");
  Write("/proc/7/io",
        "read_bytes: 5\nwrite_bytes: 9\ncancelled_write_bytes: 2\n");
  Write("/proc/7/cmdline", std::string("sh\0-c\0a b\0", 10));
  Write("/proc/7/cgroup", "0::/user.slice/a:b\n1:cpu:/\n");
  EXPECT_THAT(
      Query("SELECT uid, euid, suid, gid, egid, sgid, total_size, "
            "resident_size, wired_size, disk_bytes_read, disk_bytes_written, "
            "cmdline, cgroup_path FROM processes"),
      ElementsAre(ElementsAre("1", "2", "3", "5", "6", "7", "30720", "10240",
                              "0", "5", "7", "sh -c a b", "/user.slice/a:b")));
}

// If this fails, a program that was removed while it runs goes unnoticed, or
// one in a container looks removed.
TEST_F(ProcessesTest, HaveProgramsThatMayBeRemoved) {
  AddProcess(7, "sh");
  Link("/proc/7/root", Path("/container"));
  Link("/proc/7/exe", "/bin/sh");
  Write("/container/bin/sh", "");
  AddProcess(8, "gone");
  Link("/proc/8/root", Path("/"));
  Link("/proc/8/exe", "/bin/gone (deleted)");
  AddProcess(9, "kthreadd");
  AddProcess(10, "odd");
  Link("/proc/10/root", Path("/"));
  Link("/proc/10/exe", "/bin/odd (deleted)");
  Write("/bin/odd (deleted)", "");
  EXPECT_THAT(
      Query("SELECT path, on_disk FROM processes"),
      ElementsAre(ElementsAre("/bin/sh", "1"), ElementsAre("/bin/gone", "0"),
                  ElementsAre("NULL", "-1"),
                  ElementsAre("/bin/odd (deleted)", "1")));
}

// If this fails, processes that several threads read get into disorder.
TEST_F(ProcessesTest, ManyAreReadAsFew) {
  constexpr int kProcesses = 900;
  for (int pid = 1; pid <= kProcesses; ++pid) {
    AddProcess(pid, fmt::format("p{}", pid));
    if (pid % 300 == 0) {
      Link(fmt::format("/proc/{}/exe", pid), "/bin/gone (deleted)");
    }
  }
  const TextRows rows = Query("SELECT pid, name, on_disk, path FROM processes");
  ASSERT_EQ(rows.size(), size_t{kProcesses});
  for (int pid = 1; pid <= kProcesses; ++pid) {
    const bool removed = pid % 300 == 0;
    EXPECT_THAT(
        rows[static_cast<size_t>(pid) - 1],
        ElementsAre(std::to_string(pid), fmt::format("p{}", pid),
                    removed ? "0" : "-1", removed ? "/bin/gone" : "NULL"));
  }
}

// If this fails, a program that nobody could look for is said to be there.
TEST_F(ProcessesTest, AProgramThatCanNotBeLookedForIsUnknown) {
  AddProcess(7, "sh");
  Link("/proc/7/exe", "/bin/sh (deleted)");
  // Leads to itself.
  Link("/proc/7/root", "root");
  EXPECT_THAT(Query("SELECT on_disk, path FROM processes"),
              ElementsAre(ElementsAre("-1", "/bin/sh (deleted)")));
}

TEST_F(ProcessesTest, ThatEndMeanwhileAreLeftOut) {
  Write("/proc/7/status", "Name:\tsh\n");
  Write("/proc/8/stat", "8 (sh) S 1 8");
  AddProcess(9, "sh");
  EXPECT_THAT(Query("SELECT pid, uid, cmdline, start_time FROM processes"),
              ElementsAre(ElementsAre("9", "NULL", "", "-1")));
}

TEST_F(ProcessesTest, AreNoneWithoutProc) {
  EXPECT_THAT(Query("SELECT * FROM processes"), IsEmpty());
}

TEST(ProcessIdsTest, HaveThisProcess) {
  const auto ids = ProcessIds("/proc", getpid());
  ASSERT_TRUE(ids.ok()) << ids.status();
  EXPECT_THAT(*ids, ElementsAre(getpid()));
}

}  // namespace
}  // namespace tutti::query
