#include "common/targets/condition.h"

#include <string.h>

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "common/base/ascii.h"
#include "common/base/status_macros.h"
#include "common/targets/wildcard.h"

namespace tutti {
namespace {

constexpr size_t kMaxAttributeBytes = 64;
constexpr size_t kMaxPatternBytes = 1000;
constexpr size_t kMaxValueBytes = 256;
constexpr size_t kMaxValues = 1000;
// Of the compiled form, which bounds the time to compile it as well.
constexpr int64_t kMaxPatternMemory = 128 << 10;

constexpr std::array<std::string_view, 6> kReserved = {"all",  "and", "in",
                                                       "last", "not", "or"};

bool IsAttributeCharacter(char c) {
  return IsLetter(c) || IsDigit(c) || c == '.' || c == '_' || c == '-';
}

// What a value may hold without quotes.
bool IsBareCharacter(char c) {
  return IsAttributeCharacter(c) ||
         std::string_view(":/@%+*?=~").find(c) != std::string_view::npos;
}

bool NeedsQuotes(const Condition::Value& value) {
  const bool bare =
      !value.text.empty() &&
      std::all_of(value.text.begin(), value.text.end(), IsBareCharacter);
  const bool has_wildcard = value.text.find_first_of("*?") != std::string::npos;
  return !bare || has_wildcard != value.wildcard;
}

std::string ValueText(const Condition::Value& value) {
  if (!NeedsQuotes(value)) return value.text;
  const char quote = value.text.find('"') == std::string::npos ? '"' : '\'';
  return fmt::format("{}{}{}", quote, value.text, quote);
}

// A whole number, or with a unit a fraction as well: 8.10 is a version.
std::optional<double> NumberOf(std::string_view text) {
  double factor = 1;
  constexpr std::string_view kUnits = "KMGT";
  if (text.ends_with("iB")) text.remove_suffix(2);
  const size_t unit = text.empty() ? kUnits.npos : kUnits.find(text.back());
  if (unit != kUnits.npos) {
    text.remove_suffix(1);
    for (size_t i = 0; i <= unit; ++i) factor *= 1024;
  }
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  const auto is_part = [factor](char c) {
    return IsDigit(c) || (c == '.' && factor > 1);
  };
  double number = 0;
  if (digits.empty() || !IsDigit(digits[0]) ||
      !std::all_of(digits.begin(), digits.end(), is_part) ||
      !absl::SimpleAtod({text.data(), text.size()}, &number)) {
    return std::nullopt;
  }
  return number * factor;
}

}  // namespace

int CompareValues(std::string_view a, std::string_view b) {
  const std::optional<double> first = NumberOf(a);
  const std::optional<double> second = NumberOf(b);
  if (first.has_value() && second.has_value()) {
    return *first < *second ? -1 : *first > *second ? 1 : 0;
  }
  return strverscmp(std::string(a).c_str(), std::string(b).c_str());
}

bool IsAttributeName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxAttributeBytes &&
         IsLetter(name[0]) &&
         std::all_of(name.begin(), name.end(), IsAttributeCharacter) &&
         std::find(kReserved.begin(), kReserved.end(), name) == kReserved.end();
}

// Reads one condition; works on a parser of its own until it is sure that
// there is one.
class ConditionParser {
 public:
  explicit ConditionParser(ElementParser& input)
      : original_(input), input_(input) {}

  absl::StatusOr<std::optional<Condition>> Take() {
    const CharacterPlace begin = input_.place();
    condition_.attribute_ = TakeAttribute();
    if (condition_.attribute_.empty() || !TakeComparison()) {
      return std::nullopt;
    }
    if (!IsAttributeName(condition_.attribute_)) {
      return original_.Mistake(
          "'{}' at character {} can not be the name of a label or a fact; "
          "those begin with a letter and have at most {} characters",
          condition_.attribute_.substr(0, kMaxAttributeBytes), begin,
          kMaxAttributeBytes);
    }
    input_.SkipBlanks();
    TUTTI_RETURN_IF_ERROR(TakeValues());
    original_ = input_;
    return std::optional<Condition>(std::move(condition_));
  }

 private:
  using Comparison = Condition::Comparison;

  std::string TakeAttribute() {
    const std::string_view rest = input_.rest();
    if (rest.empty() || !IsLetter(rest[0])) return "";
    const auto end =
        std::find_if_not(rest.begin(), rest.end(), IsAttributeCharacter);
    const size_t size = static_cast<size_t>(end - rest.begin());
    input_.Skip(size);
    return std::string(rest.substr(0, size));
  }

  // False: what stands here is no condition.
  bool TakeComparison() {
    struct Sign {
      std::string_view text;
      Comparison comparison;
      bool negated;
    };
    // Longer ones first.
    constexpr std::array<Sign, 9> kSigns = {{
        {"!=", Comparison::kIn, true},
        {"!~", Comparison::kMatches, true},
        {">=", Comparison::kGreaterOrEqual, false},
        {"<=", Comparison::kLessOrEqual, false},
        {"==", Comparison::kIn, false},
        {"=", Comparison::kIn, false},
        {">", Comparison::kGreater, false},
        {"<", Comparison::kLess, false},
        {"~", Comparison::kMatches, false},
    }};
    input_.SkipBlanks();
    for (const Sign& sign : kSigns) {
      if (!input_.rest().starts_with(sign.text)) continue;
      input_.Skip(sign.text.size());
      condition_.comparison_ = sign.comparison;
      condition_.negated_ = sign.negated;
      return true;
    }
    return TakeIn();
  }

  bool TakeIn() {
    if (input_.TakeWord("not")) {
      condition_.negated_ = true;
      input_.SkipBlanks();
    }
    list_ = input_.TakeWord("in");
    return list_;
  }

  absl::Status TakeValues() {
    if (list_) return TakeList();
    if (condition_.comparison_ == Comparison::kMatches) return TakePattern();
    TUTTI_ASSIGN_OR_RETURN(Condition::Value value, TakeValue());
    condition_.values_.push_back(std::move(value));
    return absl::OkStatus();
  }

  absl::Status TakeList() {
    if (!input_.rest().starts_with('(')) {
      return input_.Mistake(
          "the values for '{}' at character {} want parentheses, as in {} in "
          "(a,b)",
          condition_.attribute_, input_.place(), condition_.attribute_);
    }
    const CharacterPlace open = input_.place();
    do {
      input_.Skip();
      input_.SkipBlanks();
      TUTTI_ASSIGN_OR_RETURN(Condition::Value value, TakeValue());
      condition_.values_.push_back(std::move(value));
      if (condition_.values_.size() > kMaxValues) {
        return input_.Mistake(
            "the list at character {} has more than {} "
            "values; write fewer, wider ones",
            open, kMaxValues);
      }
      input_.SkipBlanks();
    } while (input_.rest().starts_with(','));
    if (!input_.rest().starts_with(')')) {
      return input_.Mistake(
          "the '(' at character {} is not closed; close it with ')'", open);
    }
    input_.Skip();
    return absl::OkStatus();
  }

  absl::StatusOr<Condition::Value> TakeValue() {
    if (AtQuote()) {
      const ElementParser before = input_;
      TUTTI_ASSIGN_OR_RETURN(std::string text, TakeQuoted());
      if (text.size() > kMaxValueBytes) {
        input_ = before;
        return TooLong();
      }
      return Condition::Value{std::move(text), false};
    }
    const std::string_view rest = input_.rest();
    const auto end =
        std::find_if_not(rest.begin(), rest.end(), IsBareCharacter);
    const size_t size = static_cast<size_t>(end - rest.begin());
    if (size == 0) {
      return input_.Mistake(
          "a value for '{}' is missing at character {}; write one, in quotes "
          "when it has other characters than letters, digits and ._-:/@%+",
          condition_.attribute_, input_.place());
    }
    if (size > kMaxValueBytes) return TooLong();
    input_.Skip(size);
    Condition::Value value{std::string(rest.substr(0, size)), false};
    value.wildcard = value.text.find_first_of("*?") != std::string::npos;
    return value;
  }

  bool AtQuote() const {
    const std::string_view rest = input_.rest();
    return rest.starts_with('"') || rest.starts_with('\'');
  }

  absl::StatusOr<std::string> TakeQuoted() {
    const std::string_view rest = input_.rest();
    const size_t end = rest.find(rest[0], 1);
    if (end == std::string_view::npos) {
      return input_.Mistake(
          "the {} at character {} is not closed; close it with another one",
          rest[0], input_.place());
    }
    if (end > kMaxPatternBytes) return TooLong();
    input_.Skip(end + 1);
    return std::string(rest.substr(1, end - 1));
  }

  absl::Status TooLong() const {
    return input_.Mistake(
        "the value at character {} is too long; write at most {} characters, "
        "{} of a pattern",
        input_.place(), kMaxValueBytes, kMaxPatternBytes);
  }

  absl::Status TakePattern() {
    const CharacterPlace begin = input_.place();
    std::string text;
    if (AtQuote()) {
      TUTTI_ASSIGN_OR_RETURN(text, TakeQuoted());
    } else {
      const size_t size = BarePatternSize(input_.rest());
      text = std::string(input_.rest().substr(0, size));
      input_.Skip(size);
    }
    if (text.empty() || text.size() > kMaxPatternBytes) {
      return input_.Mistake(
          "the pattern at character {} is {}; write one of 1 to {} characters",
          begin, text.empty() ? "empty" : "too long", kMaxPatternBytes);
    }
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kMaxPatternMemory);
    auto pattern = std::make_shared<const RE2>(text, options);
    if (!pattern->ok()) {
      return input_.Mistake(
          "the pattern at character {} is no regular expression ({}); correct "
          "it, see docs/targets.md",
          begin, pattern->error());
    }
    condition_.pattern_ = std::move(pattern);
    condition_.values_.push_back({std::move(text), false});
    return absl::OkStatus();
  }

  // Up to a blank, a comma or a ')' that is not the pattern's own.
  static size_t BarePatternSize(std::string_view rest) {
    int depth = 0;
    for (size_t i = 0; i < rest.size(); ++i) {
      const char c = rest[i];
      if (c == '\\' && i + 1 < rest.size()) {
        ++i;
      } else if (c == '(' || c == '[' || c == '{') {
        ++depth;
      } else if (depth > 0 && (c == ')' || c == ']' || c == '}')) {
        --depth;
      } else if (IsBlank(c) || (depth == 0 && (c == ',' || c == ')'))) {
        return i;
      }
    }
    return rest.size();
  }

  ElementParser& original_;
  ElementParser input_;
  Condition condition_;
  bool list_ = false;
};

absl::StatusOr<std::optional<Condition>> Condition::Take(ElementParser& input) {
  return ConditionParser(input).Take();
}

bool Condition::Holds(const std::vector<std::string>& values) const {
  const bool fits =
      std::any_of(values.begin(), values.end(),
                  [this](const std::string& value) { return Fits(value); });
  return fits != negated_;
}

bool Condition::Fits(std::string_view value) const {
  switch (comparison_) {
    case Comparison::kIn:
      return std::any_of(
          values_.begin(), values_.end(), [value](const Value& wanted) {
            return wanted.wildcard ? MatchesWildcard(wanted.text, value)
                                   : wanted.text == value;
          });
    case Comparison::kLess:
      return CompareValues(value, values_[0].text) < 0;
    case Comparison::kLessOrEqual:
      return CompareValues(value, values_[0].text) <= 0;
    case Comparison::kGreater:
      return CompareValues(value, values_[0].text) > 0;
    case Comparison::kGreaterOrEqual:
      return CompareValues(value, values_[0].text) >= 0;
    case Comparison::kMatches:
      return RE2::PartialMatch({value.data(), value.size()}, *pattern_);
  }
  return false;
}

std::string Condition::ToText() const {
  std::string_view sign;
  switch (comparison_) {
    case Comparison::kIn:
      if (values_.size() > 1) {
        return fmt::format(
            "{} {}in ({})", attribute_, negated_ ? "not " : "",
            absl::StrJoin(values_, ",", [](std::string* out, const Value& v) {
              out->append(ValueText(v));
            }));
      }
      sign = negated_ ? "!=" : "=";
      break;
    case Comparison::kLess:
      sign = "<";
      break;
    case Comparison::kLessOrEqual:
      sign = "<=";
      break;
    case Comparison::kGreater:
      sign = ">";
      break;
    case Comparison::kGreaterOrEqual:
      sign = ">=";
      break;
    case Comparison::kMatches:
      return fmt::format("{}{}{}", attribute_, negated_ ? "!~" : "~",
                         values_[0].text);
  }
  return fmt::format("{}{}{}", attribute_, sign, ValueText(values_[0]));
}

}  // namespace tutti
