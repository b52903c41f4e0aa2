#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;

using SystemInfoTest = QueryTest;

TEST_F(SystemInfoTest, HasWhatTheMachineIs) {
  Write("/proc/sys/kernel/hostname", "web1\n");
  Write("/proc/meminfo", "MemTotal:       8000 kB\n");
  Write("/proc/cpuinfo",
        "processor\t: 0\nmodel\t\t: 2\nmodel name\t: EPYC\n"
        "microcode\t: 0x10\nphysical id\t: 0\ncore id\t: 0\n\n"
        "processor\t: 1\nphysical id\t: 0\ncore id\t: 0\n\n");
  Write("/sys/class/dmi/id/product_uuid", "1-2\n");
  Write("/sys/class/dmi/id/sys_vendor", "Dell Inc.\n");
  Write("/sys/class/dmi/id/product_name", "PowerEdge R760 \n");
  Write("/sys/class/dmi/id/board_name", "0X\n");
  EXPECT_THAT(
      Query("SELECT hostname, uuid, cpu_subtype, cpu_brand, cpu_microcode, "
            "cpu_physical_cores, cpu_logical_cores, cpu_sockets, "
            "physical_memory, hardware_vendor, hardware_model, board_model, "
            "board_serial, computer_name FROM system_info"),
      ElementsAre(ElementsAre("web1", "1-2", "2", "EPYC", "0x10", "1", "2", "1",
                              "8192000", "Dell Inc.", "PowerEdge R760", "0X",
                              "NULL", "web1")));
}

TEST_F(SystemInfoTest, HasTheModelOfLenovosToo) {
  Write("/sys/class/dmi/id/sys_vendor", "LENOVO\n");
  Write("/sys/class/dmi/id/product_name", "20XW\n");
  Write("/sys/class/dmi/id/product_version", "ThinkPad X1\n");
  EXPECT_THAT(Query("SELECT hardware_model, hardware_version FROM system_info"),
              ElementsAre(ElementsAre("ThinkPad X1", "20XW")));
}

// What a host does not say is NULL; the kernel says some of it anyhow.
TEST_F(SystemInfoTest, IsOneRowAnyhow) {
  EXPECT_THAT(Query("SELECT length(cpu_type) > 0, cpu_brand, cpu_sockets, "
                    "hardware_model FROM system_info"),
              ElementsAre(ElementsAre("1", "NULL", "NULL", "NULL")));
}

}  // namespace
}  // namespace tutti::query
