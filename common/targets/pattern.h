// Regular expressions within an expression.
#ifndef COMMON_TARGETS_PATTERN_H_
#define COMMON_TARGETS_PATTERN_H_

#include <re2/re2.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/targets/element_parser.h"

namespace tutti {

// Immutable; thread-safe.
class Pattern {
 public:
  // What a pattern is held against.
  enum class Subject {
    // All of a value.
    kValue,
    // Each line of a text: `^` and `$` are a line's ends, and nothing matches
    // across them.
    kLines,
  };

  // The pattern that stands next: in quotes, or up to a blank, a comma or a
  // ')' that it did not open. INVALID_ARGUMENT names the place and the remedy.
  static absl::StatusOr<Pattern> Take(ElementParser& input, Subject subject);

  // As it was written, without quotes.
  const std::string& text() const { return text_; }
  bool Matches(std::string_view subject) const;

 private:
  Pattern(std::string text, std::shared_ptr<const RE2> expression)
      : text_(std::move(text)), expression_(std::move(expression)) {}

  std::string text_;
  // Shared by the copies of one expression.
  std::shared_ptr<const RE2> expression_;
};

}  // namespace tutti

#endif  // COMMON_TARGETS_PATTERN_H_
