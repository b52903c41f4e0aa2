// Sets of names and their folded form, with ClusterShell's notation:
// web[01-20,25].
#ifndef COMMON_TARGETS_NODE_SET_H_
#define COMMON_TARGETS_NODE_SET_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tutti {

// Largest number of names that one expression may stand for.
inline constexpr size_t kMaxNames = 1'000'000;

// So many digits fit into 64 bits whatever they are. A longer run in a name is
// text; in a range it is an error.
inline constexpr size_t kMaxRangeDigits = 18;

// Puts names in bytewise order, each once.
void SortUnique(std::vector<std::string>& names);

// Names that an expression without wildcards stands for: "a,b",
// "web[01-20,25]", several brackets in a name, padding kept. Sorted bytewise,
// unique. INVALID_ARGUMENT names the place and the remedy ("web[9-1]": the
// range runs backwards, write web[1-9]); so does more than kMaxNames names.
absl::StatusOr<std::vector<std::string>> ExpandNames(std::string_view text);

// Shortest folded form of names: {"web01","web02","db"} -> "db,web[01-02]".
// ExpandNames gives the same set back. Needs no order; duplicates are one.
std::string FoldNames(const std::vector<std::string>& names);

}  // namespace tutti

#endif  // COMMON_TARGETS_NODE_SET_H_
