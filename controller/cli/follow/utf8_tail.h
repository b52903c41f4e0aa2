// UTF-8 that arrives in pieces.
#ifndef CONTROLLER_CLI_FOLLOW_UTF8_TAIL_H_
#define CONTROLLER_CLI_FOLLOW_UTF8_TAIL_H_

#include <cstddef>
#include <string_view>

namespace tutti::cli {

// Bytes at the end of `text` that may begin a character whose rest is still
// to come: 0 to 3.
size_t IncompleteUtf8Tail(std::string_view text);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_UTF8_TAIL_H_
