#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using DiskUsageTest = QueryTest;

TEST_F(DiskUsageTest, IsOfEachDeviceOnceAndOfWhatIsVisible) {
  for (const char* folder : {"/a/x", "/b/x", "/c/x"}) Write(folder, "");
  Write("/proc/mounts",
        "/dev/hidden /a ext4 rw 0 0\n"
        "/dev/seen /a ext4 rw 0 0\n"
        "/dev/seen /b ext4 rw 0 0\n"
        "overlay /b overlay rw 0 0\n"
        "overlay /c overlay rw 0 0\n"
        "tmpfs / tmpfs rw 0 0\n"
        "/dev/gone /gone ext4 rw 0 0\n");
  EXPECT_THAT(Query("SELECT path, device, type FROM disk_usage"),
              ElementsAre(ElementsAre("/a", "/dev/seen", "ext4"),
                          ElementsAre("/b", "overlay", "overlay"),
                          ElementsAre("/c", "overlay", "overlay")));
}

TEST_F(DiskUsageTest, NumbersFitTogether) {
  Write("/proc/mounts", "/dev/a / ext4 rw 0 0\n");
  EXPECT_THAT(
      Query("SELECT size_bytes >= free_bytes, free_bytes >= available_bytes, "
            "size_bytes > 0, used_percent BETWEEN 0 AND 100, "
            "inodes >= inodes_free FROM disk_usage"),
      ElementsAre(ElementsAre("1", "1", "1", "1", "1")));
}

TEST_F(DiskUsageTest, IsNoneWithoutTheFile) {
  EXPECT_THAT(Query("SELECT * FROM disk_usage"), IsEmpty());
}

}  // namespace
}  // namespace tutti::query
