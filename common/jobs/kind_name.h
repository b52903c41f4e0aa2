// What kinds of add-in jobs may be called.
#ifndef COMMON_JOBS_KIND_NAME_H_
#define COMMON_JOBS_KIND_NAME_H_

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string_view>

namespace tutti {

inline constexpr size_t kMaxKindNameBytes = 64;

// What Tutti's own kinds are called.
inline constexpr std::string_view kOwnKinds[] = {
    "add-in", "command", "copy", "fetch", "query", "script", "workflow"};

// Lower-case letters, digits and '-', and a letter first; none of Tutti's own.
inline bool IsKindName(std::string_view name) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  if (std::find(std::begin(kOwnKinds), std::end(kOwnKinds), name) !=
      std::end(kOwnKinds)) {
    return false;
  }
  return !name.empty() && name.size() <= kMaxKindNameBytes &&
         is_letter(name[0]) &&
         std::all_of(name.begin(), name.end(), [&](char c) {
           return is_letter(c) || (c >= '0' && c <= '9') || c == '-';
         });
}

}  // namespace tutti

#endif  // COMMON_JOBS_KIND_NAME_H_
