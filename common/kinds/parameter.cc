#include "common/kinds/parameter.h"

#include <fmt/ranges.h>
#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <system_error>

#include "common/base/ascii.h"
#include "common/base/closest.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/text/json_text.h"
#include "common/text/utf8.h"
#include "common/text/whole_number.h"

namespace tutti {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kTypeNames[] = {"string", "integer", "number",
                                           "boolean", "list"};
// Of a value in an error.
constexpr size_t kShownBytes = 100;

std::string Shown(const Parameter& parameter, const Json& value) {
  if (parameter.secret) return "its value";
  // As JSON: control characters are escaped, so that it is one line.
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (value.is_string()) text = text.substr(1, text.size() - 2);
  return fmt::format("'{}'", ClipToUtf8(text, kShownBytes));
}

absl::Status Wrong(const Parameter& parameter, const Json& value,
                   std::string_view what) {
  return InvalidArgument("parameter '{}': {} {}", parameter.name,
                         Shown(parameter, value), what);
}

// What a text of a parameter has to be.
class TextRule {
 public:
  explicit TextRule(const Parameter& parameter)
      : parameter_(parameter), pattern_(parameter.pattern, RE2::Quiet) {}

  absl::StatusOr<Json> Check(const Json& value) const;

 private:
  absl::Status CheckText(const std::string& text) const;

  const Parameter& parameter_;
  const RE2 pattern_;
};

absl::Status TextRule::CheckText(const std::string& text) const {
  if (!IsUtf8(text)) {
    return Wrong(parameter_, text, "is not UTF-8; write it so");
  }
  const std::vector<std::string>& choices = parameter_.choices;
  if (!choices.empty() &&
      std::find(choices.begin(), choices.end(), text) == choices.end()) {
    const auto meant = Closest(text, choices);
    return Wrong(parameter_, text,
                 fmt::format("is none of {}{}", fmt::join(choices, ", "),
                             meant && !parameter_.secret
                                 ? fmt::format(" (did you mean {}?)", *meant)
                                 : ""));
  }
  if (parameter_.pattern.empty()) return absl::OkStatus();
  if (pattern_.ok() && RE2::FullMatch(text, pattern_)) return absl::OkStatus();
  return Wrong(
      parameter_, text,
      fmt::format("does not match {}; write it so", parameter_.pattern));
}

absl::StatusOr<Json> TextRule::Check(const Json& value) const {
  if (!value.is_string()) {
    return Wrong(parameter_, value, "is no text; put it in quotes");
  }
  TUTTI_RETURN_IF_ERROR(CheckText(value.get<std::string>()));
  return value;
}

absl::StatusOr<Json> ToInteger(const Parameter& parameter, const Json& value) {
  if (value.is_number_integer()) return value;
  int64_t number = 0;
  if (value.is_string() && ParseWhole(value.get<std::string>(), number)) {
    return Json(number);
  }
  return Wrong(parameter, value, "is no whole number; write one such as 5");
}

absl::StatusOr<Json> ToNumber(const Parameter& parameter, const Json& value) {
  if (value.is_number()) return value;
  if (value.is_string()) {
    const std::string text = value.get<std::string>();
    double number = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size() &&
        std::isfinite(number)) {
      return Json(number);
    }
  }
  return Wrong(parameter, value, "is no number; write one such as 0.5");
}

absl::StatusOr<Json> ToBoolean(const Parameter& parameter, const Json& value) {
  if (value.is_boolean()) return value;
  if (value == "true" || value == "yes" || value == "on") return Json(true);
  if (value == "false" || value == "no" || value == "off") return Json(false);
  return Wrong(parameter, value, "is neither true nor false; write one");
}

absl::StatusOr<Json> ToList(const Parameter& parameter, const Json& value) {
  Json list = value;
  // A text that is no list is one of a single element.
  if (value.is_string()) {
    const std::string text = value.get<std::string>();
    if (text.starts_with('[')) {
      list = ParseJson(text).value_or(Json());
    } else {
      list = Json::array({value});
    }
  }
  if (!list.is_array()) {
    return Wrong(parameter, value, R"(is no list; write it like ["a", "b"])");
  }
  const TextRule rule(parameter);
  for (const Json& element : list) {
    TUTTI_RETURN_IF_ERROR(rule.Check(element).status());
  }
  return list;
}

}  // namespace

std::string_view NameOf(ParameterType type) {
  return kTypeNames[static_cast<size_t>(type)];
}

absl::StatusOr<ParameterType> ParseParameterType(std::string_view name) {
  const auto* const found =
      std::find(std::begin(kTypeNames), std::end(kTypeNames), name);
  if (found != std::end(kTypeNames)) {
    return static_cast<ParameterType>(found - std::begin(kTypeNames));
  }
  return InvalidArgument("'{}' is none of {}", name,
                         fmt::join(kTypeNames, ", "));
}

bool IsParameterName(std::string_view name) {
  return !name.empty() && IsLower(name[0]) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return IsLower(c) || IsDigit(c) || c == '-' || c == '_';
         });
}

std::string SecretNameOf(std::string_view parameter) {
  std::string name(parameter);
  for (char& c : name) c = c == '-' ? '_' : ToUpper(c);
  return name;
}

absl::StatusOr<Json> ConvertValue(const Parameter& parameter,
                                  const Json& value) {
  switch (parameter.type) {
    case ParameterType::kString:
      return TextRule(parameter).Check(value);
    case ParameterType::kInteger:
      return ToInteger(parameter, value);
    case ParameterType::kNumber:
      return ToNumber(parameter, value);
    case ParameterType::kBoolean:
      return ToBoolean(parameter, value);
    case ParameterType::kList:
      return ToList(parameter, value);
  }
  return Internal("parameter '{}' has no type", parameter.name);
}

}  // namespace tutti
