#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using KernelInfoTest = QueryTest;

TEST_F(KernelInfoTest, HasWhatWasBooted) {
  EXPECT_THAT(Query("SELECT * FROM kernel_info"), IsEmpty());
  Write("/proc/version", "Linux version 6.1.0-18-amd64 (debian) #1 SMP\n");
  Write("/proc/cmdline",
        "BOOT_IMAGE=/boot/vmlinuz root=UUID=1-2 ro quiet rootflags=x\n");
  EXPECT_THAT(Query("SELECT version, path, device, arguments FROM kernel_info"),
              ElementsAre(ElementsAre("6.1.0-18-amd64", "/boot/vmlinuz",
                                      "UUID=1-2", "ro quiet rootflags=x")));
}

}  // namespace
}  // namespace tutti::query
