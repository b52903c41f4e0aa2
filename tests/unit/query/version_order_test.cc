#include "query/engine/version_order.h"

#include <gtest/gtest.h>

#include <string_view>
#include <utility>
#include <vector>

namespace tutti::query {
namespace {

using Pairs = std::vector<std::pair<std::string_view, std::string_view>>;

// Each pair is in ascending order.
void ExpectAscending(int (*compare)(std::string_view, std::string_view),
                     const Pairs& pairs) {
  for (const auto& [lower, higher] : pairs) {
    EXPECT_EQ(compare(lower, higher), -1) << lower << " < " << higher;
    EXPECT_EQ(compare(higher, lower), 1) << higher << " > " << lower;
    EXPECT_EQ(compare(lower, lower), 0) << lower;
  }
}

// As `dpkg --compare-versions` says.
TEST(VersionOrderTest, DpkgOrdersByPolicy) {
  ExpectAscending(CompareDpkgVersions, {{"3.0.9-1", "3.0.15"},
                                        {"3.0.15-1~deb12u1", "3.0.15-1"},
                                        {"1.0~rc1", "1.0"},
                                        {"1.0~~", "1.0~"},
                                        {"1.0", "1.0a"},
                                        {"1.0a", "1.0+"},
                                        {"2.0", "1:1.0"},
                                        {"1.2", "1.10"},
                                        {"1.0-1", "1.0-1.1"},
                                        {"1.0-1", "1.0-1+b1"},
                                        {"", "0a"},
                                        {"1.0a-1", "1.0b-1"},
                                        {"9.9", "99999999999999999999999999"}});
  EXPECT_EQ(CompareDpkgVersions("1.0", "0:1.0-0"), 0);
  EXPECT_EQ(CompareDpkgVersions("1.007", "1.7"), 0);
}

// Of rpm's own tests (tests/rpmvercmp.at).
TEST(VersionOrderTest, RpmOrdersAsRpmvercmp) {
  ExpectAscending(CompareRpmVersions, {{"1.0", "2.0"},
                                       {"2.0", "2.0.1"},
                                       {"2.0.1", "2.0.1a"},
                                       {"5.5p1", "5.5p2"},
                                       {"5.5p1", "5.5p10"},
                                       {"10xyz", "10.1xyz"},
                                       {"xyz10", "xyz10.1"},
                                       {"xyz.4", "8"},
                                       {"5.5p2", "5.6p1"},
                                       {"6.0", "6.0.rc1"},
                                       {"10a2", "10b2"},
                                       {"1.0~rc1", "1.0"},
                                       {"1.0~rc1~git123", "1.0~rc1"},
                                       {"1.0", "1.0^"},
                                       {"1.0^git1", "1.0^git2"},
                                       {"1.0^git1", "1.01"},
                                       {"1.0^20160101", "1.0.1"},
                                       {"1.0^20160101^git1", "1.0^20160102"},
                                       {"1.0~rc1", "1.0~rc1^git1"},
                                       {"1.0^git1~pre", "1.0^git1"},
                                       {"9.9-9", "1:1.0-1"},
                                       {"1.0-1.el9", "1.0-2.el9"}});
  EXPECT_EQ(CompareRpmVersions("2_0", "2.0"), 0);
  EXPECT_EQ(CompareRpmVersions("0:1.0", "1.0"), 0);
}

}  // namespace
}  // namespace tutti::query
