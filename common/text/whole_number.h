// Numbers in text.
#ifndef COMMON_TEXT_WHOLE_NUMBER_H_
#define COMMON_TEXT_WHOLE_NUMBER_H_

#include <charconv>
#include <string_view>
#include <system_error>

namespace tutti {

// Digits of `base`, for a signed type with '-' before them, and nothing else.
// False, with `number` as it was, when `text` is none or does not fit.
template <typename Number>
bool ParseWhole(std::string_view text, Number& number, int base = 10) {
  Number parsed = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), parsed, base);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  number = parsed;
  return true;
}

}  // namespace tutti

#endif  // COMMON_TEXT_WHOLE_NUMBER_H_
