// Text files of a host, as its tables read them.
#ifndef QUERY_HOST_TEXT_FILE_H_
#define QUERY_HOST_TEXT_FILE_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tutti::query {

// Its lines without newlines; views into `text`.
std::vector<std::string_view> LinesOf(std::string_view text);

// What stands between `separator`s, empty parts too.
std::vector<std::string_view> Split(std::string_view text, char separator);

// Decimal, with a sign, and nothing else.
std::optional<int64_t> NumberIn(std::string_view text);

}  // namespace tutti::query

#endif  // QUERY_HOST_TEXT_FILE_H_
