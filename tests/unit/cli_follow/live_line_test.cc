#include "controller/cli/follow/live_line.h"

#include <gtest/gtest.h>

namespace tutti::cli {
namespace {

const LiveLine kLine = {{"[", Style::kNone}, {"███", Style::kGreen}, {"] ok"}};

TEST(LiveLineTest, EachPartInItsStyle) {
  EXPECT_EQ(Render(kLine, 80, /*color=*/false), "[███] ok");
  EXPECT_EQ(Render(kLine, 80, /*color=*/true), "[\x1b[32m███\x1b[0m] ok");
}

// If this fails, a cut goes through a sequence or a character, and the rest of
// the terminal is green or broken.
TEST(LiveLineTest, IsCutBetweenCharacters) {
  EXPECT_EQ(Render(kLine, 4, /*color=*/true), "[\x1b[32m██\x1b[0m…");
  EXPECT_EQ(Render(kLine, 6, /*color=*/true), "[\x1b[32m███\x1b[0m]…");
  EXPECT_EQ(Render(kLine, 1, /*color=*/true), "…");
}

TEST(LiveLineTest, AsciiTakesAsManyColumns) {
  EXPECT_EQ(ToAscii("── a · █▒░… \x1b[0m"), "-- a | #+.~ \x1b[0m");
  EXPECT_EQ(ToAscii("語"), "??");
}

}  // namespace
}  // namespace tutti::cli
