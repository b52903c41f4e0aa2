// Classes of ASCII characters, whatever the locale.
#ifndef COMMON_BASE_ASCII_H_
#define COMMON_BASE_ASCII_H_

namespace tutti {

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool IsLetter(char c) { return IsLower(c) || IsUpper(c); }

constexpr char ToLower(char c) {
  return IsUpper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr char ToUpper(char c) {
  return IsLower(c) ? static_cast<char>(c - 'a' + 'A') : c;
}

constexpr bool IsPrintable(char c) { return c >= ' ' && c <= '~'; }
constexpr bool IsBlank(char c) { return c == ' ' || c == '\t'; }

}  // namespace tutti

#endif  // COMMON_BASE_ASCII_H_
