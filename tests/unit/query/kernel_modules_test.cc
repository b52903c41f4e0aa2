#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using KernelModulesTest = QueryTest;

TEST_F(KernelModulesTest, AreThoseThatAreLoaded) {
  EXPECT_THAT(Query("SELECT * FROM kernel_modules"), IsEmpty());
  Write("/proc/modules",
        "nf_nat 57344 2 xt_nat,nft_nat, Live 0xffffffffc0000000\n"
        "malformed\n"
        "evil 16384 0 - Live 0x0000000000000000 (OE)\n");
  EXPECT_THAT(
      Query("SELECT name, size, used_by, status, address FROM kernel_modules"),
      ElementsAre(
          ElementsAre("nf_nat", "57344", "xt_nat,nft_nat", "Live",
                      "0xffffffffc0000000"),
          ElementsAre("evil", "16384", "-", "Live", "0x0000000000000000")));
}

}  // namespace
}  // namespace tutti::query
