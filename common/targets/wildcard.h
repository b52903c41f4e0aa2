// Names with `*` and `?`.
#ifndef COMMON_TARGETS_WILDCARD_H_
#define COMMON_TARGETS_WILDCARD_H_

#include <string_view>

namespace tutti {

// "web*" against "web01": `*` any run of characters, `?` one.
bool MatchesWildcard(std::string_view pattern, std::string_view name);

}  // namespace tutti

#endif  // COMMON_TARGETS_WILDCARD_H_
