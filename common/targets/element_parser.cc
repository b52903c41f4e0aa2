#include "common/targets/expression_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "common/base/ascii.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/targets/node_set.h"

namespace tutti {
namespace {

constexpr size_t kMaxNameBytes = 253;
constexpr size_t kMaxShownBytes = 60;

constexpr std::array<std::string_view, 4> kReservedWords = {"and", "or", "not",
                                                            "in"};

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

bool AllDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsDigit);
}

std::string Shown(std::string_view text) {
  std::string shown;
  for (const char c : text.substr(0, kMaxShownBytes)) {
    const bool printable = c >= ' ' && c <= '~';
    shown.push_back(printable ? c : '?');
  }
  if (text.size() > kMaxShownBytes) shown += "...";
  return shown;
}

std::string ShownCharacter(char c) {
  if (c > ' ' && c <= '~') return fmt::format("'{}'", c);
  if (c == ' ') return "a blank";
  return fmt::format("byte {:#04x}", static_cast<unsigned char>(c));
}

// Reads an expression from left to right.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  absl::StatusOr<std::vector<ExpressionElement>> Parse();

 private:
  absl::StatusOr<ExpressionElement> ParseElement();
  absl::StatusOr<ExpressionPiece> ParseText(ExpressionElement& element);
  absl::StatusOr<ExpressionPiece> ParseBrackets();
  absl::StatusOr<NumberRange> ParseRange(std::string_view range, size_t place);
  absl::Status CheckWord(ExpressionElement& element);
  absl::Status CheckSize(ExpressionElement& element);
  absl::Status CheckStart() const;
  absl::Status BadCharacter() const;
  absl::Status TooMany() const;

  void SkipBlanks() {
    while (!AtEnd() && IsBlank(text_[at_])) ++at_;
  }
  bool AtEnd() const { return at_ == text_.size(); }

  template <typename... Args>
  absl::Status Mistake(fmt::format_string<Args...> format,
                       Args&&... args) const {
    return ExpressionError(text_,
                           fmt::format(format, std::forward<Args>(args)...));
  }

  const std::string_view text_;
  size_t at_ = 0;
};

absl::StatusOr<std::vector<ExpressionElement>> Parser::Parse() {
  SkipBlanks();
  if (AtEnd()) {
    return InvalidArgument(
        "the target expression is empty; name targets, as in web01 or "
        "web[01-20], or all");
  }
  std::vector<ExpressionElement> elements;
  uint64_t count = 0;
  while (true) {
    TUTTI_ASSIGN_OR_RETURN(ExpressionElement element, ParseElement());
    count += element.count;
    if (count > kMaxNames) return TooMany();
    elements.push_back(std::move(element));
    if (AtEnd()) return elements;
    ++at_;  // the comma
  }
}

absl::StatusOr<ExpressionElement> Parser::ParseElement() {
  SkipBlanks();
  TUTTI_RETURN_IF_ERROR(CheckStart());
  ExpressionElement element;
  while (!AtEnd() && text_[at_] != ',') {
    if (IsBlank(text_[at_])) {
      SkipBlanks();
      if (AtEnd() || text_[at_] == ',') break;
      --at_;
      return BadCharacter();
    }
    absl::StatusOr<ExpressionPiece> piece =
        text_[at_] == '[' ? ParseBrackets() : ParseText(element);
    if (!piece.ok()) return std::move(piece).status();
    element.pieces.push_back(*std::move(piece));
  }
  TUTTI_RETURN_IF_ERROR(CheckWord(element));
  TUTTI_RETURN_IF_ERROR(CheckSize(element));
  return element;
}

absl::Status Parser::CheckStart() const {
  if (AtEnd() || text_[at_] == ',') {
    return Mistake("there is nothing {} the ',' at character {}; remove it",
                   AtEnd() ? "after" : "before",
                   AtEnd() ? text_.rfind(',') + 1 : at_ + 1);
  }
  const char first = text_[at_];
  if (first == '-' || first == '.' || first == '_') {
    return Mistake(
        "a name begins with '{}' at character {}; names begin with a letter "
        "or a digit",
        first, at_ + 1);
  }
  return absl::OkStatus();
}

absl::StatusOr<ExpressionPiece> Parser::ParseText(ExpressionElement& element) {
  const size_t begin = at_;
  while (!AtEnd()) {
    const char c = text_[at_];
    if (c == ',' || c == '[' || IsBlank(c)) break;
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

absl::Status Parser::BadCharacter() const {
  const char c = text_[at_];
  if (c == ']') {
    return Mistake(
        "the ']' at character {} has no '[' before it; remove it, or write a "
        "range as in web[01-20]",
        at_ + 1);
  }
  if (std::string_view("!&^@=()").find(c) != std::string_view::npos) {
    return Mistake(
        "'{}' at character {} is not supported in this version; unite targets "
        "with ',' and take some away with -x",
        c, at_ + 1);
  }
  return Mistake(
      "{} at character {} can not be part of a name; names hold letters, "
      "digits and ._-, and are separated by ','",
      ShownCharacter(c), at_ + 1);
}

absl::StatusOr<ExpressionPiece> Parser::ParseBrackets() {
  const size_t open = at_;
  const size_t close = text_.find_first_of("[]", open + 1);
  if (text_.substr(open).starts_with("[[")) {
    return Mistake(
        "the '[' at character {} is there twice; write one, as in web[01-20]",
        open + 1);
  }
  if (close == std::string_view::npos || text_[close] == '[') {
    return Mistake(
        "the '[' at character {} is not closed; close it with ']', as in "
        "web[01-20]",
        open + 1);
  }
  ExpressionPiece piece;
  size_t begin = open + 1;
  while (begin <= close) {
    const size_t end = std::min(text_.find(',', begin), close);
    TUTTI_ASSIGN_OR_RETURN(
        const NumberRange range,
        ParseRange(text_.substr(begin, end - begin), begin + 1));
    piece.ranges.push_back(range);
    begin = end + 1;
  }
  at_ = close + 1;
  return piece;
}

absl::StatusOr<NumberRange> Parser::ParseRange(std::string_view range,
                                               size_t place) {
  if (range.empty()) {
    return Mistake(
        "a number is missing at character {}; write numbers and ranges "
        "between the brackets, as in [1-20,25]",
        place);
  }
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
  NumberRange result;
  std::from_chars(first.data(), first.data() + first.size(), result.first);
  std::from_chars(last.data(), last.data() + last.size(), result.last);
  if (result.first > result.last) {
    return Mistake("the range {} at character {} runs backwards; write [{}-{}]",
                   range, place, last, first);
  }
  const bool first_padded = first.size() > 1 && first[0] == '0';
  const bool last_padded = last.size() > 1 && last[0] == '0';
  if (last_padded && first.size() != last.size()) {
    const size_t width = std::max(first.size(), last.size());
    return Mistake(
        "the numbers of the range {} at character {} are filled with zeros to "
        "different widths; write [{:0>{}}-{:0>{}}]",
        range, place, first, width, last, width);
  }
  if (first_padded || last_padded) result.width = first.size();
  return result;
}

// Words that are, or will be, more than names.
absl::Status Parser::CheckWord(ExpressionElement& element) {
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
  if (std::find(kReservedWords.begin(), kReservedWords.end(), word) !=
      kReservedWords.end()) {
    return Mistake(
        "'{}' is a reserved word that is not supported in this version; unite "
        "targets with ',' and take some away with -x",
        word);
  }
  return absl::OkStatus();
}

absl::Status Parser::CheckSize(ExpressionElement& element) {
  size_t longest = 0;
  for (const ExpressionPiece& piece : element.pieces) {
    uint64_t numbers = piece.ranges.empty() ? 1 : 0;
    size_t digits = 0;
    for (const NumberRange& range : piece.ranges) {
      // At most 10^18 each: the sum is checked before it can overflow.
      numbers += range.last - range.first + 1;
      if (numbers > kMaxNames) return TooMany();
      digits = std::max(
          {digits, range.width, fmt::formatted_size("{}", range.last)});
    }
    element.count *= numbers;
    if (element.count > kMaxNames) return TooMany();
    longest += piece.text.size() + digits;
  }
  if (longest > kMaxNameBytes) {
    return Mistake("a name of {} characters is too long; names have at most {}",
                   longest, kMaxNameBytes);
  }
  return absl::OkStatus();
}

absl::Status Parser::TooMany() const {
  return Mistake("it stands for more than {} names; write a narrower range",
                 kMaxNames);
}

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
    for (uint64_t number = range.first; number <= range.last; ++number) {
      AppendNumber(number, range.width, name);
      AppendFrom(pieces, index + 1, name, names);
      name.resize(length);
    }
  }
}

}  // namespace

absl::StatusOr<std::vector<ExpressionElement>> ParseElements(
    std::string_view text) {
  return Parser(text).Parse();
}

void AppendNames(const ExpressionElement& element,
                 std::vector<std::string>& names) {
  std::string name;
  AppendFrom(element.pieces, 0, name, names);
}

absl::Status ExpressionError(std::string_view text, std::string_view mistake) {
  return InvalidArgument("target expression '{}': {}", Shown(text), mistake);
}

}  // namespace tutti
