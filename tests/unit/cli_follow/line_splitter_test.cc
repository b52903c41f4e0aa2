#include "controller/cli/follow/line_splitter.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace tutti::cli {
namespace {

constexpr size_t kMax = LineSplitter::kMaxLineBytes;

// Feeds `text` in pieces of `step` bytes.
std::string Split(std::string_view text, size_t step,
                  const LineFormat& format = {"a: ", false}) {
  LineSplitter splitter;
  std::string output;
  while (!text.empty()) {
    splitter.Append(format, text.substr(0, step), output);
    text.remove_prefix(std::min(step, text.size()));
  }
  splitter.Finish(format, output);
  return output;
}

TEST(LineSplitterTest, PrefixesEveryLineHoweverItIsCut) {
  for (size_t step = 1; step < 12; ++step) {
    EXPECT_EQ(Split("one\n\ntwo\nthree\n", step),
              "a: one\na: \na: two\na: three\n");
  }
}

TEST(LineSplitterTest, CompletesTheLastLine) {
  EXPECT_EQ(Split("one\ntwo", 100), "a: one\na: two\n");
  EXPECT_EQ(Split("", 100), "");
}

// Lines of two targets must never mix, so nothing unfinished is given out.
TEST(LineSplitterTest, HoldsBackAnUnfinishedLine) {
  LineSplitter splitter;
  std::string output;
  splitter.Append({"a: ", false}, "one\ntw", output);
  EXPECT_EQ(output, "a: one\n");
  splitter.Append({"a: ", false}, "o\n", output);
  EXPECT_EQ(output, "a: one\na: two\n");
}

// Memory is bounded, and the same bytes are broken at the same places.
TEST(LineSplitterTest, BreaksLongLinesTheSameWayHoweverTheyAreCut) {
  const std::string full(kMax, 'x');
  const std::string line = fmt::format("{0}{0}xxxxxxxxxx\ny\n", full);
  const std::string expected =
      fmt::format("a: {0}\na: {0}\na: xxxxxxxxxx\na: y\n", full);
  EXPECT_EQ(Split(line, line.size()), expected);
  EXPECT_EQ(Split(line, 1), expected);
  EXPECT_EQ(Split(line, kMax), expected);
  EXPECT_EQ(Split(line, kMax + 1), expected);
  EXPECT_EQ(Split(line, 1000), expected);
}

TEST(LineSplitterTest, ALineOfExactlyTheLimitStaysOne) {
  const std::string line = std::string(kMax, 'x');
  EXPECT_EQ(Split(line + "\n", 1), "a: " + line + "\n");
  EXPECT_EQ(Split(line + "\n", kMax), "a: " + line + "\n");
  EXPECT_EQ(Split(line, kMax), "a: " + line + "\n");
}

TEST(LineSplitterTest, BytesStayAsTheyAreUnlessForATerminal) {
  EXPECT_EQ(Split("\x1b[31m\xff\r\n", 3), "a: \x1b[31m\xff\r\n");
  EXPECT_EQ(Split("\x1b[31m\xff\r\n", 3, {"a: ", true}), "a: ^[[31m\\xff\n");
}

// A character that two chunks share is a character all the same.
TEST(LineSplitterTest, CutCharactersAreJoinedForATerminal) {
  EXPECT_EQ(Split("gr\xc3\xbc\xc3\x9f\n", 3, {"", true}),
            "gr\xc3\xbc\xc3\x9f\n");
}

}  // namespace
}  // namespace tutti::cli
