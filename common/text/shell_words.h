// Words as a shell reads them.
#ifndef COMMON_TEXT_SHELL_WORDS_H_
#define COMMON_TEXT_SHELL_WORDS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tutti {

// The words of one line, with the quoting of POSIX shells ('as it is', "\" $ `
// \\ after a backslash", \ before one character) and none of their expansions:
// $ and * mean themselves. A '#' where a word would begin begins a comment.
// INVALID_ARGUMENT when a quote is not closed or the line ends in a backslash.
absl::StatusOr<std::vector<std::string>> ShellWords(std::string_view line);

}  // namespace tutti

#endif  // COMMON_TEXT_SHELL_WORDS_H_
