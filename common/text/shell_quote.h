// Words for a shell.
#ifndef COMMON_TEXT_SHELL_QUOTE_H_
#define COMMON_TEXT_SHELL_QUOTE_H_

#include <string>
#include <string_view>

namespace tutti {

// `text` so that a shell reads it as one word: as it is, 'in quotes', or
// $'\x1b[2J' where it is not UTF-8 or would drive a terminal (bash, ksh and zsh
// read that, POSIX.1-2024 has it). Valid UTF-8, on one line.
std::string ShellQuote(std::string_view text);

}  // namespace tutti

#endif  // COMMON_TEXT_SHELL_QUOTE_H_
