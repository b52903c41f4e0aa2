// "Name: value" lines, as /proc has them in many places.
#ifndef QUERY_HOST_FIELDS_H_
#define QUERY_HOST_FIELDS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

namespace tutti::query {

// Names and values without the blanks around them; views of a text.
using Fields = std::map<std::string_view, std::string_view>;

// The first of equal names counts; lines without a colon are left out.
Fields FieldsOf(std::string_view text);

std::optional<std::string_view> FieldIn(const Fields& fields,
                                        std::string_view name);

// A number; absent where there is none.
std::optional<int64_t> NumberOf(const Fields& fields, std::string_view name);

// "12 kB" in bytes.
std::optional<int64_t> BytesOf(const Fields& fields, std::string_view name);

}  // namespace tutti::query

#endif  // QUERY_HOST_FIELDS_H_
