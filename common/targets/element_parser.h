// The grammar that sets of names and target expressions share.
#ifndef COMMON_TARGETS_EXPRESSION_PARSER_H_
#define COMMON_TARGETS_EXPRESSION_PARSER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tutti {

// Numbers from `first` to `last`, both included, filled with zeros to `width`
// digits.
struct NumberRange {
  uint64_t first = 0;
  uint64_t last = 0;
  size_t width = 0;
};

// Text, or what stands between brackets.
struct ExpressionPiece {
  std::string text;
  // Not empty for brackets, whose `text` is empty.
  std::vector<NumberRange> ranges;
};

// What stands between two commas: "web[01-20].dc[1,2]".
struct ExpressionElement {
  // The word `all`; there are no pieces then.
  bool all = false;
  // `*` or `?` occur in the text of its pieces.
  bool wildcard = false;
  std::vector<ExpressionPiece> pieces;
  // Names that it stands for; at most kMaxNames, over all elements too.
  uint64_t count = 1;
};

// At least one element. INVALID_ARGUMENT names the place and the remedy.
// Allocates nothing for the names that the elements stand for.
absl::StatusOr<std::vector<ExpressionElement>> ParseElements(
    std::string_view text);

// Adds the names that an element stands for to `names`, wildcards left as they
// are.
void AppendNames(const ExpressionElement& element,
                 std::vector<std::string>& names);

// An error about `text` as a whole or a part of it, which is quoted so that it
// stays short and on one line.
absl::Status ExpressionError(std::string_view text, std::string_view mistake);

}  // namespace tutti

#endif  // COMMON_TARGETS_EXPRESSION_PARSER_H_
