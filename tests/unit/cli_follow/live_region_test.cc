#include "controller/cli/follow/live_region.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "controller/cli/terminal.h"

namespace tutti::cli {
namespace {

class LiveRegionTest : public ::testing::Test {
 protected:
  std::string Take() { return std::exchange(sink_, {}); }

  std::string sink_;
  LiveRegion region_{sink_, {}};
};

// If this fails, Ctrl-C wraps the line, which is then not erased.
TEST_F(LiveRegionTest, AnEchoedInterruptFitsBehindALine) {
  constexpr int kWidth = 20;
  LiveRegion region(sink_, {.moves_cursor = false});
  region.Draw({{{std::string(100, 'x')}}}, kWidth);
  EXPECT_LT(DisplayWidth(Take().substr(1) + "^C"), kWidth);
}

TEST_F(LiveRegionTest, ErasesAsManyLinesAsItDrew) {
  region_.Draw({{{"one"}}, {{"two"}}}, 80);
  EXPECT_EQ(Take(), "one\x1b[K\r\ntwo\x1b[K");
  region_.Erase(80);
  EXPECT_EQ(Take(), "\r\x1b[A\x1b[J");
  region_.Erase(80);
  EXPECT_EQ(Take(), "");
}

// Otherwise the live view flickers.
TEST_F(LiveRegionTest, DrawsOverWhatItDrew) {
  region_.Draw({{{"one"}}, {{"two"}}}, 80);
  Take();
  region_.Draw({{{"one"}}, {{"two"}}}, 80);
  EXPECT_EQ(Take(), "");
  region_.Draw({{{"three"}}}, 80);
  EXPECT_EQ(Take(), "\r\x1b[Athree\x1b[K\x1b[J");
}

// A window made narrower: the lines take more rows than were drawn.
TEST_F(LiveRegionTest, ErasesWhatWrappedMeanwhile) {
  region_.Draw({{{std::string(70, 'x')}}, {{"two"}}}, 80);
  Take();
  region_.Draw({{{"short"}}}, 30);
  EXPECT_EQ(Take(), "\r\x1b[A\x1b[A\x1b[A\x1b[Jshort\x1b[K\x1b[J");
}

// Where lines are cut off instead, what stands above is left alone.
TEST_F(LiveRegionTest, ErasesOnlyItsLinesWhereNothingWraps) {
  LiveRegion region(sink_, {.rewraps = false});
  region.Draw({{{std::string(70, 'x')}}, {{"two"}}}, 80);
  Take();
  region.Erase(30);
  EXPECT_EQ(Take(), "\r\x1b[A\x1b[J");
}

TEST_F(LiveRegionTest, WithoutCursorMovementOneLineIsDrawnOver) {
  LiveRegion region(sink_, {.moves_cursor = false, .ascii = true});
  region.Draw({{{"above"}}, {{"a ·· b"}}}, 80);
  EXPECT_EQ(Take(), "\ra || b");
  region.Draw({{{"ab"}}}, 80);
  EXPECT_EQ(Take(), "\rab    \b\b\b\b");
  region.Erase(80);
  EXPECT_EQ(Take(), "\r  \r");
}

}  // namespace
}  // namespace tutti::cli
