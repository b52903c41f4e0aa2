#include <fmt/format.h>

#include <string>
#include <tuple>

#include "query/host/processors.h"
#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using CpuInfoTest = QueryTest;

TEST_F(CpuInfoTest, HasARowASocket) {
  EXPECT_THAT(Query("SELECT * FROM cpu_info"), IsEmpty());
  // Two sockets, in the first of which a core has two threads.
  std::string text;
  for (const auto& [number, package, core] :
       {std::tuple(0, 0, 0), {1, 0, 0}, {2, 0, 1}, {3, 1, 0}}) {
    text += fmt::format(
        "processor\t: {}\nvendor_id\t: GenuineIntel\nmodel name\t: Xeon\n"
        "cpu MHz\t\t: 2596.128\nphysical id\t: {}\ncore id\t\t: {}\n"
        "flags\t\t: fpu lm sse\n\n",
        number, package, core);
  }
  Write("/proc/cpuinfo", text);
  Write("/sys/devices/system/cpu/cpu3/cpufreq/cpuinfo_max_freq", "3500000\n");
  EXPECT_THAT(Query("SELECT device_id, model, manufacturer, number_of_cores, "
                    "logical_processors, address_width, current_clock_speed, "
                    "max_clock_speed FROM cpu_info"),
              ElementsAre(ElementsAre("CPU0", "Xeon", "GenuineIntel", "2", "3",
                                      "64", "2596", "NULL"),
                          ElementsAre("CPU1", "Xeon", "GenuineIntel", "1", "1",
                                      "64", "2596", "3500")));
}

// If this fails, machines that are no x86 seem to have one core a thread, or
// one socket.
TEST_F(CpuInfoTest, IsThatOfSysfsOnOtherMachines) {
  Write("/proc/cpuinfo",
        "processor\t: 0\nCPU implementer\t: 0x41\n\n"
        "processor\t: 1\nCPU implementer\t: 0x41\n\n"
        "processor\t: 2\nCPU implementer\t: 0x41\n\nHardware\t: board\n");
  for (const auto& [number, package, threads] :
       {std::tuple(0, -1, "0-1"), {1, -1, "0-1"}, {2, 36, "2"}}) {
    const std::string folder =
        fmt::format("/sys/devices/system/cpu/cpu{}/topology/", number);
    Write(folder + "physical_package_id", fmt::format("{}\n", package));
    Write(folder + "thread_siblings_list", fmt::format("{}\n", threads));
  }
  EXPECT_THAT(Query("SELECT device_id, number_of_cores, logical_processors, "
                    "address_width FROM cpu_info"),
              ElementsAre(ElementsAre("CPU0", "1", "2", "NULL"),
                          ElementsAre("CPU36", "1", "1", "NULL")));
}

TEST(ProcessorsTest, AreThereOnThisHost) {
  const auto processors = Processors("");
  ASSERT_TRUE(processors.ok()) << processors.status();
  EXPECT_GE(CountCores(*processors), CountPackages(*processors));
  EXPECT_GE(CountPackages(*processors), 1u);
}

}  // namespace
}  // namespace tutti::query
