// Where symbolic links lead.
#ifndef QUERY_HOST_LINK_TARGET_H_
#define QUERY_HOST_LINK_TARGET_H_

#include <optional>
#include <string>

namespace tutti::query {

// One step, as it is written; absent where there is no link to read.
std::optional<std::string> LinkTarget(const std::string& path);

}  // namespace tutti::query

#endif  // QUERY_HOST_LINK_TARGET_H_
