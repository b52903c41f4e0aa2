#include "common/targets/element_parser.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "common/base/ascii.h"
#include "common/base/errors.h"
#include "common/base/reserved_words.h"
#include "common/base/status_macros.h"
#include "common/targets/node_set.h"
#include "common/text/mistake_place.h"

namespace tutti {
namespace {

constexpr size_t kMaxNameBytes = 253;
constexpr size_t kMaxShownBytes = 60;
// Of a status: the two lines that show the place of a mistake.

bool AllDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsDigit);
}

std::string Shown(std::string_view text) {
  std::string shown;
  for (const char c : text.substr(0, kMaxShownBytes)) {
    shown.push_back(IsPrintable(c) ? c : '?');
  }
  if (text.size() > kMaxShownBytes) shown += "...";
  return shown;
}

std::string ShownCharacter(char c) {
  if (c > ' ' && c <= '~') return fmt::format("'{}'", c);
  if (c == ' ') return "a blank";
  return fmt::format("byte {:#04x}", static_cast<unsigned char>(c));
}

// Ends an element; what may stand between two of them.
bool IsOperator(char c) {
  return std::string_view(",!&^").find(c) != std::string_view::npos;
}

bool EndsElement(char c) { return IsBlank(c) || IsOperator(c) || c == ')'; }

bool IsNameCharacter(char c) {
  return IsLetter(c) || IsDigit(c) ||
         std::string_view("._-*?[]").find(c) != std::string_view::npos;
}

}  // namespace

void ElementParser::SkipBlanks() {
  while (!AtEnd() && IsBlank(text_[at_])) ++at_;
}

bool ElementParser::AtElementEnd() const {
  return AtEnd() || EndsElement(text_[at_]);
}

bool ElementParser::TakeWord(std::string_view word) {
  const std::string_view rest = text_.substr(at_);
  if (!rest.starts_with(word)) return false;
  if (rest.size() > word.size() && IsNameCharacter(rest[word.size()])) {
    return false;
  }
  at_ += word.size();
  return true;
}

absl::StatusOr<ExpressionElement> ElementParser::ParseElement() {
  SkipBlanks();
  TUTTI_RETURN_IF_ERROR(CheckStart());
  const CharacterPlace begin = place();
  ExpressionElement element;
  while (!AtEnd() && !EndsElement(text_[at_])) {
    absl::StatusOr<ExpressionPiece> piece =
        text_[at_] == '[' ? ParseBrackets() : ParseText(element);
    if (!piece.ok()) return std::move(piece).status();
    element.pieces.push_back(*std::move(piece));
  }
  TUTTI_RETURN_IF_ERROR(CheckWord(begin, element));
  TUTTI_RETURN_IF_ERROR(CheckSize(element));
  return element;
}

absl::Status ElementParser::CheckStart() const {
  const size_t at = AtEnd() ? text_.find_last_not_of(" \t") : at_;
  if (IsOperator(text_[at])) {
    return Mistake("there is nothing {} the '{}' at character {}; {}",
                   AtEnd() ? "after" : "before", text_[at], PlaceOf(at),
                   text_[at] == ',' ? "remove it" : "name targets there");
  }
  if (AtEnd()) {
    return Mistake("it ends where targets are expected; name some at its end");
  }
  if (text_[at] == ')') {
    return Mistake(
        "there is nothing before the ')' at character {}; name targets there",
        PlaceOf(at));
  }
  const char first = text_[at_];
  if (first == '-' || first == '.' || first == '_') {
    return Mistake(
        "a name begins with '{}' at character {}; names begin with a letter "
        "or a digit",
        first, place());
  }
  return absl::OkStatus();
}

absl::StatusOr<ExpressionPiece> ElementParser::ParseText(
    ExpressionElement& element) {
  const size_t begin = at_;
  while (!AtEnd()) {
    const char c = text_[at_];
    if (c == '[' || EndsElement(c)) break;
    if (c == '*' || c == '?') {
      element.wildcard = true;
    } else if (!IsLetter(c) && !IsDigit(c) && c != '.' && c != '_' &&
               c != '-') {
      return BadCharacter();
    }
    ++at_;
  }
  return ExpressionPiece{std::string(text_.substr(begin, at_ - begin)), {}};
}

absl::Status ElementParser::BadCharacter() const {
  const char c = text_[at_];
  if (c == ']') {
    return Mistake(
        "the ']' at character {} has no '[' before it; remove it, or write a "
        "range as in web[01-20]",
        place());
  }
  if (c == '(') {
    return Mistake(
        "the '(' at character {} stands within a name; brackets of names are "
        "[ ], and ( ) stand around whole parts, as in (web*,db*)!web01",
        place());
  }
  if (std::string_view("=<>~").find(c) != std::string_view::npos) {
    return Mistake(
        "'{}' at character {} can not be part of a name; a condition has the "
        "name of a label or a fact before it, as in role=web",
        c, place());
  }
  return Mistake(
      "{} at character {} can not be part of a name; names hold letters, "
      "digits and ._-, and are separated by ','",
      ShownCharacter(c), place());
}

absl::StatusOr<ExpressionPiece> ElementParser::ParseBrackets() {
  const size_t open = at_;
  const size_t close = text_.find_first_of("[]", open + 1);
  if (text_.substr(open).starts_with("[[")) {
    return Mistake(
        "the '[' at character {} is there twice; write one, as in web[01-20]",
        PlaceOf(open));
  }
  if (close == std::string_view::npos || text_[close] == '[') {
    return Mistake(
        "the '[' at character {} is not closed; close it with ']', as in "
        "web[01-20]",
        PlaceOf(open));
  }
  ExpressionPiece piece;
  size_t begin = open + 1;
  while (begin <= close) {
    const size_t end = std::min(text_.find(',', begin), close);
    TUTTI_ASSIGN_OR_RETURN(
        const NumberRange range,
        ParseRange(text_.substr(begin, end - begin), PlaceOf(begin)));
    piece.ranges.push_back(range);
    begin = end + 1;
  }
  at_ = close + 1;
  return piece;
}

absl::StatusOr<NumberRange> ElementParser::ParseRange(std::string_view range,
                                                      CharacterPlace place) {
  if (range.empty()) {
    return Mistake(
        "a number is missing at character {}; write numbers and ranges "
        "between the brackets, as in [1-20,25]",
        place);
  }
  NumberRange result;
  TUTTI_ASSIGN_OR_RETURN(result.step, TakeStep(range, place));
  const size_t dash = range.find('-');
  const bool single = dash == std::string_view::npos;
  const std::string_view first = range.substr(0, dash);
  const std::string_view last = single ? first : range.substr(dash + 1);
  if (!AllDigits(first) || !AllDigits(last)) {
    return Mistake(
        "'{}' at character {} is neither a number nor a range of two; write "
        "it as in [1-20,25]",
        Shown(range), place);
  }
  if (first.size() > kMaxRangeDigits || last.size() > kMaxRangeDigits) {
    return Mistake("a number at character {} has more than {} digits", place,
                   kMaxRangeDigits);
  }
  std::from_chars(first.data(), first.data() + first.size(), result.first);
  std::from_chars(last.data(), last.data() + last.size(), result.last);
  if (result.first > result.last) {
    return Mistake("the range {} at character {} runs backwards; write [{}-{}]",
                   range, place, last, first);
  }
  TUTTI_ASSIGN_OR_RETURN(result.width, WidthOf(first, last, range, place));
  return result;
}

absl::StatusOr<uint64_t> ElementParser::TakeStep(std::string_view& range,
                                                 CharacterPlace place) const {
  const size_t slash = range.find('/');
  if (slash == std::string_view::npos) return uint64_t{1};
  const std::string_view digits = range.substr(slash + 1);
  uint64_t step = 0;
  if (AllDigits(digits) && digits.size() <= kMaxRangeDigits) {
    std::from_chars(digits.data(), digits.data() + digits.size(), step);
  }
  if (step == 0 || range.find('-') > slash) {
    return Mistake(
        "'{}' at character {} is no range with a step; write it as in "
        "[0-100/2]",
        Shown(range), place);
  }
  range = range.substr(0, slash);
  return step;
}

absl::StatusOr<size_t> ElementParser::WidthOf(std::string_view first,
                                              std::string_view last,
                                              std::string_view range,
                                              CharacterPlace place) const {
  const bool first_padded = first.size() > 1 && first[0] == '0';
  const bool last_padded = last.size() > 1 && last[0] == '0';
  if (last_padded && first.size() != last.size()) {
    const size_t width = std::max(first.size(), last.size());
    return Mistake(
        "the numbers of the range {} at character {} are filled with zeros to "
        "different widths; write [{:0>{}}-{:0>{}}]",
        range, place, first, width, last, width);
  }
  return first_padded || last_padded ? first.size() : size_t{0};
}

// Words that are, or will be, more than names.
absl::Status ElementParser::CheckWord(CharacterPlace place,
                                      ExpressionElement& element) const {
  if (element.pieces.size() != 1) return absl::OkStatus();
  const std::string& word = element.pieces[0].text;
  if (word == "all") {
    element.all = true;
    element.pieces.clear();
    return absl::OkStatus();
  }
  if (word == "last") {
    return Mistake(
        "'last' is a reserved word and no name of a target; write the names, "
        "or all");
  }
  if (IsReservedWord(word)) {
    return Mistake(
        "the reserved word '{}' at character {} stands where targets are "
        "expected; name some before and after it, as in web* and not web01",
        word, place);
  }
  return absl::OkStatus();
}

absl::Status ElementParser::CheckSize(ExpressionElement& element) {
  size_t longest = 0;
  for (const ExpressionPiece& piece : element.pieces) {
    uint64_t numbers = piece.ranges.empty() ? 1 : 0;
    size_t digits = 0;
    for (const NumberRange& range : piece.ranges) {
      // At most 10^18 each: the sum is checked before it can overflow.
      numbers += (range.last - range.first) / range.step + 1;
      if (numbers > kMaxNames) return TooMany();
      digits = std::max(
          {digits, range.width, fmt::formatted_size("{}", range.last)});
    }
    element.count *= numbers;
    if (count_ + element.count > kMaxNames) return TooMany();
    longest += piece.text.size() + digits;
  }
  if (longest > kMaxNameBytes) {
    return Mistake("a name of {} characters is too long; names have at most {}",
                   longest, kMaxNameBytes);
  }
  count_ += element.count;
  return absl::OkStatus();
}

absl::Status ElementParser::TooMany() const {
  return Mistake("it stands for more than {} names; write a narrower range",
                 kMaxNames);
}

absl::Status ElementParser::MistakeText(std::string_view mistake,
                                        CharacterPlace place) const {
  absl::Status status = ExpressionError(text_, mistake);
  if (place.number == 0) return status;
  return WithPlace(std::move(status), text_, place.number - 1);
}

namespace {

void AppendNumber(uint64_t number, size_t width, std::string& name) {
  char digits[20];
  const size_t length = static_cast<size_t>(
      std::to_chars(digits, digits + sizeof digits, number).ptr - digits);
  if (length < width) name.append(width - length, '0');
  name.append(digits, length);
}

// The names that begin with `name` and go on with the pieces from `index`.
// As deep as a name has pieces, which its length bounds.
void AppendFrom(const std::vector<ExpressionPiece>& pieces, size_t index,
                std::string& name, std::vector<std::string>& names) {
  if (index == pieces.size()) {
    names.push_back(name);
    return;
  }
  const ExpressionPiece& piece = pieces[index];
  const size_t length = name.size();
  if (piece.ranges.empty()) {
    name += piece.text;
    AppendFrom(pieces, index + 1, name, names);
    name.resize(length);
    return;
  }
  for (const NumberRange& range : piece.ranges) {
    for (uint64_t number = range.first; number <= range.last;
         number += range.step) {
      AppendNumber(number, range.width, name);
      AppendFrom(pieces, index + 1, name, names);
      name.resize(length);
    }
  }
}

}  // namespace

void AppendNames(const ExpressionElement& element,
                 std::vector<std::string>& names) {
  std::string name;
  AppendFrom(element.pieces, 0, name, names);
}

absl::Status ExpressionError(std::string_view text, std::string_view mistake) {
  return InvalidArgument("target expression '{}': {}", Shown(text), mistake);
}

}  // namespace tutti
