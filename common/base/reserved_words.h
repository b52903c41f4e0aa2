// Words of target expressions, which nothing that they name can be called.
#ifndef COMMON_BASE_RESERVED_WORDS_H_
#define COMMON_BASE_RESERVED_WORDS_H_

#include <algorithm>
#include <array>
#include <string_view>

namespace tutti {

inline constexpr std::array<std::string_view, 6> kReservedWords = {
    "all", "and", "in", "last", "not", "or"};

inline bool IsReservedWord(std::string_view word) {
  return std::find(kReservedWords.begin(), kReservedWords.end(), word) !=
         kReservedWords.end();
}

}  // namespace tutti

#endif  // COMMON_BASE_RESERVED_WORDS_H_
