#include "common/targets/condition.h"

#include <string.h>

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "common/base/ascii.h"
#include "common/base/reserved_words.h"
#include "common/base/status_macros.h"
#include "common/targets/quoted_text.h"
#include "common/targets/wildcard.h"

namespace tutti {
namespace {

constexpr size_t kMaxAttributeBytes = 64;

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
         !IsReservedWord(name);
}

// Reads one condition; works on a parser of its own until it is sure that
// there is one.
class ConditionParser {
 public:
  ConditionParser(ElementParser& input, size_t& values)
      : original_(input), input_(input), values_(values) {}

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
    if (condition_.comparison_ != Comparison::kMatches) return AddValue();
    TUTTI_ASSIGN_OR_RETURN(condition_.pattern_,
                           Pattern::Take(input_, Pattern::Subject::kValue));
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
      TUTTI_RETURN_IF_ERROR(AddValue());
      input_.SkipBlanks();
    } while (input_.rest().starts_with(','));
    if (!input_.rest().starts_with(')')) {
      return input_.Mistake(
          "the '(' at character {} is not closed; close it with ')'", open);
    }
    input_.Skip();
    return absl::OkStatus();
  }

  absl::Status AddValue() {
    TUTTI_ASSIGN_OR_RETURN(Condition::Value value, TakeValue());
    condition_.values_.push_back(std::move(value));
    if (++values_ <= kMaxConditionValues) return absl::OkStatus();
    return input_.Mistake(
        "the conditions have more than {} values; write fewer, wider ones",
        kMaxConditionValues);
  }

  absl::StatusOr<Condition::Value> TakeValue() {
    if (AtQuote(input_)) {
      TUTTI_ASSIGN_OR_RETURN(std::string text,
                             TakeQuoted(input_, kMaxValueBytes));
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
    if (size > kMaxValueBytes) return TooLong(input_, kMaxValueBytes);
    input_.Skip(size);
    Condition::Value value{std::string(rest.substr(0, size)), false};
    value.wildcard = value.text.find_first_of("*?") != std::string::npos;
    return value;
  }

  ElementParser& original_;
  ElementParser input_;
  size_t& values_;
  Condition condition_;
  bool list_ = false;
};

absl::StatusOr<std::optional<Condition>> Condition::Take(ElementParser& input,
                                                         size_t& values) {
  return ConditionParser(input, values).Take();
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
      return pattern_->Matches(value);
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
                         pattern_->text());
  }
  return fmt::format("{}{}{}", attribute_, sign, ValueText(values_[0]));
}

}  // namespace tutti
