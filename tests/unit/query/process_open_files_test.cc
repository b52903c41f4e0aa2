#include "tests/unit/query/process_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;

using ProcessOpenFilesTest = ProcessTest;

TEST_F(ProcessOpenFilesTest, AreThoseOfDescriptors) {
  AddProcess(5, "of another user");
  Link("/proc/7/fd/0", "/dev/null");
  Link("/proc/7/fd/1", "pipe:[12]");
  Link("/proc/7/fd/10", "/var/log/x (deleted)");
  Link("/proc/7/fd/2", "socket:[13]");
  Link("/proc/7/fd/3", "anon_inode:[eventfd]");
  Link("/proc/8/fd/4", "/tmp");
  EXPECT_THAT(Query("SELECT pid, fd, path FROM process_open_files"),
              ElementsAre(ElementsAre("7", "0", "/dev/null"),
                          ElementsAre("7", "10", "/var/log/x (deleted)"),
                          ElementsAre("8", "4", "/tmp")));
  EXPECT_THAT(Query("SELECT fd FROM process_open_files WHERE pid = 8"),
              ElementsAre(ElementsAre("4")));
}

}  // namespace
}  // namespace tutti::query
