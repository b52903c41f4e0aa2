// The word that somebody may have meant.
#ifndef COMMON_BASE_CLOSEST_H_
#define COMMON_BASE_CLOSEST_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tutti {

// Fewest insertions, deletions, replacements and swaps of neighbours that turn
// `a` into `b`, no place touched twice (optimal string alignment).
size_t EditDistance(std::string_view a, std::string_view b);

// The candidate nearest to `text`, the first of equals; empty when none is
// within a third of the longer one's length (at least 1), so that a suggestion
// is never far-fetched.
std::optional<std::string> Closest(std::string_view text,
                                   const std::vector<std::string>& candidates);

}  // namespace tutti

#endif  // COMMON_BASE_CLOSEST_H_
