#include "controller/cli/compare/unified_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <dtl/dtl.hpp>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/text/lines.h"

namespace tutti::cli {
namespace {

// Nobody reads more.
constexpr uint64_t kMaxDifferentLines = 10'000;
// Between the common beginning and the common end. The search for the shortest
// difference takes three seconds where nothing is in its place.
constexpr size_t kMaxLines = 100'000;
// Lines around a difference; what dtl writes.
constexpr size_t kContext = 3;

using Lines = std::vector<std::string_view>;
// Equal lines have equal numbers.
using LineNumbers = std::vector<uint32_t>;
using LineDiff = dtl::Diff<uint32_t, LineNumbers>;

Lines LinesOf(std::string_view text) {
  Lines lines;
  while (!text.empty()) lines.push_back(TakeLine(text));
  return lines;
}

// The lines of two texts from some lines before the first that is different to
// some lines behind the last.
struct Middle {
  // Lines before it; as many in both.
  size_t skipped = 0;
  // What each number stands for.
  Lines texts;
  LineNumbers from;
  LineNumbers to;
};

LineNumbers NumbersOf(Lines::const_iterator begin, Lines::const_iterator end,
                      absl::flat_hash_map<std::string_view, uint32_t>& known,
                      Lines& texts) {
  LineNumbers numbers;
  for (auto line = begin; line != end; ++line) {
    const auto [entry, is_new] =
        known.try_emplace(*line, static_cast<uint32_t>(texts.size()));
    if (is_new) texts.push_back(*line);
    numbers.push_back(entry->second);
  }
  return numbers;
}

Middle MiddleOf(const Lines& from, const Lines& to) {
  const auto first =
      std::mismatch(from.begin(), from.end(), to.begin(), to.end());
  const auto last =
      std::mismatch(from.rbegin(), std::make_reverse_iterator(first.first),
                    to.rbegin(), std::make_reverse_iterator(first.second));
  const auto before = static_cast<size_t>(first.first - from.begin());
  const auto behind = static_cast<size_t>(last.first - from.rbegin());
  Middle middle;
  middle.skipped = before - std::min(before, kContext);
  const auto begin = static_cast<ptrdiff_t>(middle.skipped);
  const auto end = static_cast<ptrdiff_t>(behind - std::min(behind, kContext));
  absl::flat_hash_map<std::string_view, uint32_t> known;
  middle.from =
      NumbersOf(from.begin() + begin, from.end() - end, known, middle.texts);
  middle.to =
      NumbersOf(to.begin() + begin, to.end() - end, known, middle.texts);
  return middle;
}

// Counts lines that occur more often in the one than in the other: at least
// these are different, in whatever order they are.
void CountDifferent(const Middle& middle, UnifiedDiff& diff) {
  std::vector<int64_t> surplus(middle.texts.size());
  for (const uint32_t line : middle.from) ++surplus[line];
  for (const uint32_t line : middle.to) --surplus[line];
  for (const int64_t count : surplus) {
    if (count > 0) diff.removed_lines += static_cast<uint64_t>(count);
    if (count < 0) diff.added_lines += static_cast<uint64_t>(-count);
  }
}

// A text without lines begins at line 0.
std::string RangeText(size_t begin, size_t count) {
  return fmt::format("{},{}", count == 0 ? 0 : begin, count);
}

template <typename Elements>
void AppendLines(const Elements& elements, const Lines& texts,
                 UnifiedDiff& diff) {
  for (const auto& [line, info] : elements) {
    char mark = ' ';
    if (info.type == dtl::SES_DELETE) {
      mark = '-';
      ++diff.removed_lines;
    } else if (info.type == dtl::SES_ADD) {
      mark = '+';
      ++diff.added_lines;
    }
    *diff.hunks += mark;
    *diff.hunks += texts[line];
    *diff.hunks += '\n';
  }
}

}  // namespace

UnifiedDiff CompareTexts(std::string_view from, std::string_view to) {
  const Middle middle = MiddleOf(LinesOf(from), LinesOf(to));
  UnifiedDiff least;
  CountDifferent(middle, least);
  if (least.removed_lines + least.added_lines > kMaxDifferentLines ||
      std::max(middle.from.size(), middle.to.size()) > kMaxLines) {
    return least;
  }
  LineDiff search(middle.from, middle.to);
  // Room for what it finds, at once.
  search.onHuge();
  search.compose();
  search.composeUnifiedHunks();
  UnifiedDiff diff;
  diff.hunks.emplace();
  for (const auto& hunk : search.getUniHunks()) {
    *diff.hunks +=
        fmt::format("@@ -{} +{} @@\n",
                    RangeText(static_cast<size_t>(hunk.a) + middle.skipped,
                              static_cast<size_t>(hunk.b)),
                    RangeText(static_cast<size_t>(hunk.c) + middle.skipped,
                              static_cast<size_t>(hunk.d)));
    for (const auto* elements :
         {&hunk.common[0], &hunk.change, &hunk.common[1]}) {
      AppendLines(*elements, middle.texts, diff);
    }
  }
  return diff;
}

}  // namespace tutti::cli
