#include "controller/cli/compare/unified_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "common/text/lines.h"

namespace tutti::cli {
namespace {

using ::testing::Optional;

std::string Numbers(int first, int last) {
  std::string text;
  for (int i = first; i <= last; ++i) text += std::to_string(i) + "\n";
  return text;
}

// What patch(1) makes of `from`, or where the hunks do not fit.
std::string Patched(std::string_view from, std::string_view hunks) {
  std::string to;
  size_t line = 1;
  while (!hunks.empty()) {
    const std::string header(TakeLine(hunks));
    size_t begin = 0;
    size_t removed = 0;
    size_t added = 0;
    size_t ignored = 0;
    if (std::sscanf(header.c_str(), "@@ -%zu,%zu +%zu,%zu @@", &begin, &removed,
                    &ignored, &added) != 4) {
      return "no header: " + header;
    }
    for (; line < begin; ++line) to += std::string(TakeLine(from)) + "\n";
    while (removed + added > 0) {
      const std::string_view change = TakeLine(hunks);
      const std::string text(change.substr(1));
      if (change[0] != '+') {
        if (TakeLine(from) != text) return "does not fit: " + text;
        --removed;
        ++line;
      }
      if (change[0] != '-') {
        to += text + "\n";
        --added;
      }
    }
  }
  return to + std::string(from);
}

TEST(UnifiedDiffTest, EqualTextsHaveNone) {
  EXPECT_THAT(CompareTexts("a\nb\n", "a\nb\n").hunks, Optional(std::string()));
  EXPECT_THAT(CompareTexts("", "").hunks, Optional(std::string()));
}

TEST(UnifiedDiffTest, ADifferenceHasThreeLinesAroundItAndItsPlace) {
  const std::string from = Numbers(1, 100);
  std::string to = Numbers(1, 49) + "fifty\n" + Numbers(51, 100);
  const UnifiedDiff diff = CompareTexts(from, to);
  EXPECT_THAT(diff.hunks, Optional(std::string("@@ -47,7 +47,7 @@\n 47\n 48\n"
                                               " 49\n-50\n+fifty\n 51\n 52\n"
                                               " 53\n")));
  EXPECT_EQ(diff.removed_lines, 1u);
  EXPECT_EQ(diff.added_lines, 1u);
}

TEST(UnifiedDiffTest, ATextWithoutLinesBeginsAtLineZero) {
  EXPECT_THAT(CompareTexts("", "new\n").hunks,
              Optional(std::string("@@ -0,0 +1,1 @@\n+new\n")));
  EXPECT_THAT(CompareTexts("old\n", "").hunks,
              Optional(std::string("@@ -1,1 +0,0 @@\n-old\n")));
}

// If this fails, what is shown as different is not what is different.
TEST(UnifiedDiffTest, TheHunksMakeTheOneTextOutOfTheOther) {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    std::vector<unsigned> lines(random() % 40);
    const unsigned kinds = 2 + random() % 30;
    for (unsigned& line : lines) line = random() % kinds;
    std::string from;
    for (const unsigned line : lines) from += std::to_string(line) + "\n";
    for (unsigned change = random() % 6; change > 0; --change) {
      const size_t place = random() % (lines.size() + 1);
      const auto at = lines.begin() + static_cast<ptrdiff_t>(place);
      if (at == lines.end() || random() % 2 == 0) {
        lines.insert(at, random() % kinds);
      } else {
        lines.erase(at);
      }
    }
    std::string to;
    for (const unsigned line : lines) to += std::to_string(line) + "\n";
    const UnifiedDiff diff = CompareTexts(from, to);
    ASSERT_TRUE(diff.hunks.has_value());
    ASSERT_EQ(Patched(from, *diff.hunks), to) << from << "--\n" << *diff.hunks;
  }
}

TEST(UnifiedDiffTest, ALongTextWithFewDifferencesIsCompared) {
  const std::string from = Numbers(1, 400'000);
  const std::string to = Numbers(1, 200'000) + Numbers(200'003, 400'000);
  const UnifiedDiff diff = CompareTexts(from, to);
  EXPECT_EQ(diff.removed_lines, 2u);
  EXPECT_EQ(diff.added_lines, 0u);
}

// If this fails, `job diff` of two logs takes for ever, or fills the screen.
TEST(UnifiedDiffTest, TooMuchIsOnlyCounted) {
  const UnifiedDiff other =
      CompareTexts(Numbers(1, 50'000), Numbers(1'000'001, 1'020'000));
  EXPECT_EQ(other.hunks, std::nullopt);
  EXPECT_EQ(other.removed_lines, 50'000u);
  EXPECT_EQ(other.added_lines, 20'000u);
  const UnifiedDiff turned = CompareTexts(
      Numbers(1, 150'000), Numbers(75'001, 150'000) + Numbers(1, 75'000));
  EXPECT_EQ(turned.hunks, std::nullopt);
}

}  // namespace
}  // namespace tutti::cli
