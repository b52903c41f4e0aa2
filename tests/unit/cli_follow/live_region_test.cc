#include "controller/cli/follow/live_region.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "controller/cli/terminal.h"

namespace tutti::cli {
namespace {

// If this fails, Ctrl-C wraps the line, which is then not erased.
TEST(LiveRegionTest, AnEchoedInterruptFitsBehindALine) {
  constexpr int kWidth = 20;
  std::string sink;
  LiveRegion region(sink);
  region.Draw({std::string(100, 'x')}, kWidth);
  EXPECT_LT(DisplayWidth(sink + "^C"), kWidth);
}

TEST(LiveRegionTest, ErasesAsManyLinesAsItDrew) {
  std::string sink;
  LiveRegion region(sink);
  region.Draw({"one", "two"}, 80);
  EXPECT_EQ(sink, "one\r\ntwo");
  sink.clear();
  region.Erase();
  EXPECT_EQ(sink, "\r\x1b[A\x1b[J");
  sink.clear();
  region.Erase();
  EXPECT_EQ(sink, "");
}

}  // namespace
}  // namespace tutti::cli
