// The parts of a target expression: names with brackets and wildcards.
#ifndef COMMON_TARGETS_ELEMENT_PARSER_H_
#define COMMON_TARGETS_ELEMENT_PARSER_H_

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace tutti {

// A character of an expression, counted from 1.
struct CharacterPlace {
  size_t number = 1;
  bool operator==(const CharacterPlace&) const = default;
};

// Every `step`th number from `first` to `last`, both included, filled with
// zeros to `width` digits.
struct NumberRange {
  uint64_t first = 0;
  uint64_t last = 0;
  uint64_t step = 1;
  size_t width = 0;
};

// Text, or what stands between brackets.
struct ExpressionPiece {
  std::string text;
  // Not empty for brackets, whose `text` is empty.
  std::vector<NumberRange> ranges;
};

// What stands between two operators: "web[01-20].dc[1,2]".
struct ExpressionElement {
  // The word `all`; there are no pieces then.
  bool all = false;
  // `*` or `?` occur in the text of its pieces.
  bool wildcard = false;
  std::vector<ExpressionPiece> pieces;
  // Names that it stands for.
  uint64_t count = 1;
};

// Reads an expression from left to right, an element at a time. Errors are
// INVALID_ARGUMENT and name the place and the remedy.
class ElementParser {
 public:
  explicit ElementParser(std::string_view text) : text_(text) {}

  bool AtEnd() const { return at_ == text_.size(); }
  // Only before the end.
  char Peek() const { return text_[at_]; }
  // What has not been taken yet.
  std::string_view rest() const { return text_.substr(at_); }
  void Skip(size_t characters = 1) { at_ += characters; }
  void SkipBlanks();
  // At the end, a blank, an operator or a ')'.
  bool AtElementEnd() const;
  // Of the character that comes next.
  CharacterPlace place() const { return {at_ + 1}; }
  // Takes `word` when it stands here as a word of its own.
  bool TakeWord(std::string_view word);

  // One element, up to a blank, an operator, a ')' or the end. Allocates
  // nothing for the names that it stands for; those of all elements together
  // are at most kMaxNames.
  absl::StatusOr<ExpressionElement> ParseElement();

  // A place among `args` is shown under the expression as well.
  template <typename... Args>
  absl::Status Mistake(fmt::format_string<Args...> format,
                       Args&&... args) const {
    CharacterPlace place{0};
    [[maybe_unused]] const auto note = [&place](const auto& arg) {
      if constexpr (std::is_same_v<std::decay_t<decltype(arg)>,
                                   CharacterPlace>) {
        place = arg;
      }
    };
    (note(args), ...);
    return MistakeText(fmt::format(format, std::forward<Args>(args)...), place);
  }
  // What comes next cannot be part of a name.
  absl::Status BadCharacter() const;

 private:
  absl::StatusOr<ExpressionPiece> ParseText(ExpressionElement& element);
  absl::StatusOr<ExpressionPiece> ParseBrackets();
  absl::StatusOr<NumberRange> ParseRange(std::string_view range,
                                         CharacterPlace place);
  // Cuts "/2" off a range.
  absl::StatusOr<uint64_t> TakeStep(std::string_view& range,
                                    CharacterPlace place) const;
  // To which the numbers of a range are filled with zeros; 0: they are not.
  absl::StatusOr<size_t> WidthOf(std::string_view first, std::string_view last,
                                 std::string_view range,
                                 CharacterPlace place) const;
  absl::Status CheckStart() const;
  absl::Status CheckWord(CharacterPlace place,
                         ExpressionElement& element) const;
  absl::Status CheckSize(ExpressionElement& element);
  absl::Status TooMany() const;
  static CharacterPlace PlaceOf(size_t offset) { return {offset + 1}; }
  absl::Status MistakeText(std::string_view mistake,
                           CharacterPlace place) const;

  std::string_view text_;
  size_t at_ = 0;
  // Names of the elements so far.
  uint64_t count_ = 0;
};

// Adds the names that an element stands for to `names`, wildcards left as they
// are.
void AppendNames(const ExpressionElement& element,
                 std::vector<std::string>& names);

// An error about `text` as a whole or a part of it, which is quoted so that it
// stays short and on one line.
absl::Status ExpressionError(std::string_view text, std::string_view mistake);

}  // namespace tutti

template <>
struct fmt::formatter<tutti::CharacterPlace> : fmt::formatter<size_t> {
  auto format(const tutti::CharacterPlace& place,
              fmt::format_context& context) const {
    return fmt::formatter<size_t>::format(place.number, context);
  }
};

#endif  // COMMON_TARGETS_ELEMENT_PARSER_H_
