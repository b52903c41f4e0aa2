#include <filesystem>
#include <string>

#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class BlockDevicesTest : public QueryTest {
 protected:
  // As the kernel links them.
  void Link(const std::string& name, const std::string& device) {
    std::filesystem::create_directories(Path("/sys/class/block"));
    std::filesystem::create_symlink("../../devices/" + device,
                                    Path("/sys/class/block/" + name));
  }
};

TEST_F(BlockDevicesTest, AreDisksAndTheirPartitions) {
  Write("/sys/devices/sda/size", "2048\n");
  Write("/sys/devices/sda/dev", "8:0\n");
  Write("/sys/devices/sda/queue/logical_block_size", "512\n");
  Write("/sys/devices/sda/device/vendor", "ATA     \n");
  Write("/sys/devices/sda/device/model", "QEMU DISK\n");
  Write("/sys/devices/sda/sda1/size", "1024\n");
  Write("/sys/devices/sda/sda1/dev", "8:1\n");
  Write("/sys/devices/sda/sda1/partition", "1\n");
  Link("sda", "sda");
  Link("sda1", "sda/sda1");
  Write("/run/udev/data/b8:0", "S:disk/x\nE:ID_SERIAL_SHORT=QM01\n");
  Write("/run/udev/data/b8:1",
        "E:ID_FS_TYPE=ext4\nE:ID_FS_UUID=12-34\nE:ID_FS_LABEL=a=b\n");
  EXPECT_THAT(
      Query("SELECT name, parent, vendor, model, serial, size, block_size "
            "FROM block_devices"),
      ElementsAre(ElementsAre("/dev/sda", "NULL", "ATA", "QEMU DISK", "QM01",
                              "2048", "512"),
                  ElementsAre("/dev/sda1", "/dev/sda", "NULL", "NULL", "NULL",
                              "1024", "NULL")));
  EXPECT_THAT(Query("SELECT uuid, type, label FROM block_devices "
                    "WHERE name = '/dev/sda1'"),
              ElementsAre(ElementsAre("12-34", "ext4", "a=b")));
}

TEST_F(BlockDevicesTest, OfAVolumeTheParentIsItsFirstPart) {
  Write("/sys/devices/dm-0/size", "8\n");
  Write("/sys/devices/dm-0/slaves/cciss!c0d0/size", "9\n");
  Link("dm-0", "dm-0");
  EXPECT_THAT(Query("SELECT name, parent FROM block_devices"),
              ElementsAre(ElementsAre("/dev/dm-0", "/dev/cciss/c0d0")));
}

TEST_F(BlockDevicesTest, AreNoneWithoutTheFolder) {
  EXPECT_THAT(Query("SELECT * FROM block_devices"), IsEmpty());
}

}  // namespace
}  // namespace tutti::query
