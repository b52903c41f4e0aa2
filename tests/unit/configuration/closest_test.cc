#include "common/base/closest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tutti {
namespace {

using ::testing::Optional;

TEST(EditDistanceTest, CountsInsertionsDeletionsReplacementsAndSwaps) {
  EXPECT_EQ(EditDistance("", ""), 0u);
  EXPECT_EQ(EditDistance("", "abc"), 3u);
  EXPECT_EQ(EditDistance("abc", ""), 3u);
  EXPECT_EQ(EditDistance("listen", "lisen"), 1u);
  EXPECT_EQ(EditDistance("listen", "listten"), 1u);
  EXPECT_EQ(EditDistance("listen", "listan"), 1u);
  EXPECT_EQ(EditDistance("listen", "litsen"), 1u);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3u);
}

TEST(ClosestTest, FindsTheNearestCandidate) {
  EXPECT_THAT(Closest("lisen", {"fleet", "listen", "listed"}),
              Optional(std::string("listen")));
  EXPECT_THAT(Closest("recieve", {"remove", "receive"}),
              Optional(std::string("receive")));
  EXPECT_THAT(Closest("rn", {"run"}), Optional(std::string("run")));
}

TEST(ClosestTest, TakesTheFirstOfEquals) {
  EXPECT_THAT(Closest("web0", {"web1", "web2"}), Optional(std::string("web1")));
}

// A far-fetched suggestion sends people the wrong way.
TEST(ClosestTest, SuggestsNothingFarFetched) {
  EXPECT_EQ(Closest("frobnicate", {"listen", "fleet"}), std::nullopt);
  EXPECT_EQ(Closest("x", {"y"}), std::nullopt);
  EXPECT_EQ(Closest("", {"run"}), std::nullopt);
  EXPECT_EQ(Closest("run", {}), std::nullopt);
}

}  // namespace
}  // namespace tutti
