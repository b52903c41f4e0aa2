// JSON as osquery reads it from files.
#ifndef QUERY_PACK_RELAXED_JSON_H_
#define QUERY_PACK_RELAXED_JSON_H_

#include <nlohmann/json.hpp>
#include <string_view>

#include "absl/status/statusor.h"

namespace tutti::query {

// Members keep the order in which they are written. Lines that begin with # or
// // are comments, and a backslash at the end of a line, also within a text,
// takes the line's end away. INVALID_ARGUMENT: it is no JSON, which names the
// line; a member is there twice; or more than 32 levels stand within each
// other.
absl::StatusOr<nlohmann::ordered_json> ParseRelaxedJson(std::string_view text);

}  // namespace tutti::query

#endif  // QUERY_PACK_RELAXED_JSON_H_
