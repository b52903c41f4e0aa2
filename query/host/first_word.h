// Lines that begin with words and end in text.
#ifndef QUERY_HOST_FIRST_WORD_H_
#define QUERY_HOST_FIRST_WORD_H_

#include <string_view>

namespace tutti::query {

// What stands before the first blank (space, tab) of `line`; it is removed from
// `line` together with the blanks around the rest.
std::string_view TakeWord(std::string_view& line);

}  // namespace tutti::query

#endif  // QUERY_HOST_FIRST_WORD_H_
