// What is different between two texts, as diff -u writes it.
#ifndef CONTROLLER_CLI_COMPARE_UNIFIED_DIFF_H_
#define CONTROLLER_CLI_COMPARE_UNIFIED_DIFF_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tutti::cli {

struct UnifiedDiff {
  // "@@ -1,3 +1,4 @@\n same\n-old\n+new\n...", without the two lines that name
  // the texts; empty for equal texts. Absent when too much is different to be
  // of use, or too long to be compared.
  std::optional<std::string> hunks;
  // Lines that only the first text has, and the second; where `hunks` are
  // absent, at least so many.
  uint64_t removed_lines = 0;
  uint64_t added_lines = 0;

  friend auto operator<=>(const UnifiedDiff&, const UnifiedDiff&) = default;
};

// Compares line by line; a last line without an end counts as ended. Takes
// some seconds at most.
UnifiedDiff CompareTexts(std::string_view from, std::string_view to);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_COMPARE_UNIFIED_DIFF_H_
