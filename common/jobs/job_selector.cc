#include "common/jobs/job_selector.h"

#include <algorithm>
#include <charconv>

#include "common/base/ascii.h"
#include "common/base/errors.h"
#include "common/base/uuid.h"

namespace tutti {
namespace {

constexpr std::string_view kLast = "last:";
constexpr size_t kLongestName = 200;
constexpr size_t kUuidDigits = size_t{2} * Uuid::kSize;

bool IsHexadecimalDigit(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Dashes where the canonical form has them, or nowhere.
bool DashesFit(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const bool place = i == 8 || i == 13 || i == 18 || i == 23;
    if ((text[i] == '-') != place) return false;
  }
  return true;
}

// The hexadecimal digits of a UUID or of its beginning; empty if it is none.
std::string UuidDigits(std::string_view text) {
  const bool dashes = text.find('-') != std::string_view::npos;
  if (dashes && !DashesFit(text)) return "";
  std::string digits;
  for (const char c : text) {
    if (c == '-') continue;
    if (!IsHexadecimalDigit(c)) return "";
    digits += ToLower(c);
  }
  if (digits.size() < Uuid::kShortestPrefix || digits.size() > kUuidDigits) {
    return "";
  }
  return digits;
}

}  // namespace

absl::StatusOr<v1::JobSelector> ParseJobSelector(std::string_view text) {
  v1::JobSelector selector;
  if (text.empty()) {
    return InvalidArgument(
        "the job is an empty word; give its number, UUID or name, or last");
  }
  if (text == "last") {
    selector.set_last("");
    return selector;
  }
  if (text.substr(0, kLast.size()) == kLast) {
    const std::string_view name = text.substr(kLast.size());
    if (name.empty()) {
      return InvalidArgument(
          "'last:' lacks a name; write last:NAME, or last for the newest job");
    }
    selector.set_last(std::string(name));
    return selector;
  }
  if (std::all_of(text.begin(), text.end(), IsDigit)) {
    uint64_t number = 0;
    const auto result =
        std::from_chars(text.data(), text.data() + text.size(), number);
    if (result.ec == std::errc() && number > 0) {
      selector.set_number(number);
      return selector;
    }
  }
  if (std::string digits = UuidDigits(text); !digits.empty()) {
    selector.set_uuid_prefix(std::move(digits));
    return selector;
  }
  if (text == "0") {
    return InvalidArgument("there is no job 0; numbers begin with 1");
  }
  selector.set_name(std::string(text));
  return selector;
}

absl::Status CheckJobName(std::string_view name) {
  const auto selector = ParseJobSelector(name);
  const bool is_strange = std::any_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '*' ||
           c == '?';
  });
  if (!selector.ok() || !selector->has_name() || is_strange ||
      name.size() > kLongestName) {
    return InvalidArgument(
        "'{}' can not be a job's name; use a word that is no number, no UUID "
        "and not `last`, without * and ?, of at most {} characters",
        name, kLongestName);
  }
  return absl::OkStatus();
}

}  // namespace tutti
