// JSON from elsewhere.
#ifndef COMMON_TEXT_JSON_TEXT_H_
#define COMMON_TEXT_JSON_TEXT_H_

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace tutti {

// Absent when `text` is no JSON, or nests deeper than anybody writes (whoever
// writes it out again would need a stack as deep), or has an object of more
// than 2,048 members (what it takes grows with their square).
std::optional<nlohmann::ordered_json> ParseJson(std::string_view text);

}  // namespace tutti

#endif  // COMMON_TEXT_JSON_TEXT_H_
