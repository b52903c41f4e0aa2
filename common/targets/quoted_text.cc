#include "common/targets/quoted_text.h"

#include <string_view>

namespace tutti {

bool AtQuote(const ElementParser& input) {
  return input.rest().starts_with('"') || input.rest().starts_with('\'');
}

absl::StatusOr<std::string> TakeQuoted(ElementParser& input, size_t max_bytes) {
  const std::string_view rest = input.rest();
  const size_t end = rest.find(rest[0], 1);
  if (end == std::string_view::npos) {
    return input.Mistake(
        "the {} at character {} is not closed; close it with another one",
        rest[0], input.place());
  }
  const std::string_view text = rest.substr(1, end - 1);
  if (text.size() > max_bytes) return TooLong(input, max_bytes);
  input.Skip(end + 1);
  return std::string(text);
}

absl::Status TooLong(const ElementParser& input, size_t max_bytes) {
  return input.Mistake(
      "what stands at character {} is too long; write at most {} characters",
      input.place(), max_bytes);
}

}  // namespace tutti
