#include <filesystem>

#include "query/host/mount_list.h"
#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using MountsTest = QueryTest;

TEST_F(MountsTest, AreTheLinesWithEscapesResolved) {
  Write("/proc/mounts",
        "/dev/link / ext4 rw,relatime 0 0\n"
        "server:/a\\040b /mnt/c\\134d nfs4 ro 0 0\n"
        "broken\n");
  Write("/dev/dm-0", "");
  std::filesystem::create_symlink("dm-0", Path("/dev/link"));
  EXPECT_THAT(
      Query("SELECT device, device_alias, path, type, flags FROM mounts"),
      ElementsAre(
          ElementsAre("/dev/link", "/dev/dm-0", "/", "ext4", "rw,relatime"),
          ElementsAre("server:/a b", "server:/a b", "/mnt/c\\d", "nfs4",
                      "ro")));
}

TEST_F(MountsTest, StateIsOfWhatIsThere) {
  Write("/proc/mounts", "a / ext4 rw 0 0\nb /gone ext4 rw 0 0\n");
  EXPECT_THAT(Query("SELECT blocks_size > 0, blocks > 0, "
                    "blocks_free <= blocks, inodes IS NOT NULL FROM mounts"),
              ElementsAre(ElementsAre("1", "1", "1", "1"),
                          ElementsAre("NULL", "NULL", "NULL", "0")));
}

// Asking an automounter would mount what it stands for.
TEST(MountListTest, AutofsIsNotAsked) {
  EXPECT_FALSE(StateOf({"auto", "/", "autofs", ""}, "/").ok());
  EXPECT_TRUE(StateOf({"root", "/", "ext4", ""}, "/").ok());
}

TEST_F(MountsTest, AreNoneWithoutTheFile) {
  EXPECT_THAT(Query("SELECT * FROM mounts"), IsEmpty());
}

}  // namespace
}  // namespace tutti::query
