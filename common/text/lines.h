// Taking plain text apart.
#ifndef COMMON_TEXT_LINES_H_
#define COMMON_TEXT_LINES_H_

#include <string_view>
#include <vector>

namespace tutti {

// The first line of `text`, without its newline; it is removed from `text`.
std::string_view TakeLine(std::string_view& text);

// What stands before the first blank (space, tab) of `line`; it is removed from
// `line` together with the blanks around the rest.
std::string_view TakeWord(std::string_view& line);

// Without the blanks (space, tab, CR, LF) around it.
std::string_view Trimmed(std::string_view text);

// What stands between blanks (space, tab).
std::vector<std::string_view> Words(std::string_view line);

}  // namespace tutti

#endif  // COMMON_TEXT_LINES_H_
