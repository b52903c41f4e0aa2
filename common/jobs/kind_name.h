// What kinds of add-in jobs may be called.
#ifndef COMMON_JOBS_KIND_NAME_H_
#define COMMON_JOBS_KIND_NAME_H_

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace tutti {

inline constexpr size_t kMaxKindNameBytes = 64;

// Lower-case letters, digits and '-', and a letter first.
inline bool IsKindName(std::string_view name) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  return !name.empty() && name.size() <= kMaxKindNameBytes &&
         is_letter(name[0]) &&
         std::all_of(name.begin(), name.end(), [&](char c) {
           return is_letter(c) || (c >= '0' && c <= '9') || c == '-';
         });
}

}  // namespace tutti

#endif  // COMMON_JOBS_KIND_NAME_H_
