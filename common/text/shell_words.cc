#include "common/text/shell_words.h"

#include "common/base/ascii.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace tutti {
namespace {

absl::Status NotClosed(char quote) {
  return InvalidArgument("there is no second {} to the first; close the quotes",
                         quote);
}

// What stands before the next single quote; it is removed with the quote.
absl::StatusOr<std::string_view> TakeSingleQuoted(std::string_view& rest) {
  const size_t end = rest.find('\'');
  if (end == rest.npos) return NotClosed('\'');
  const std::string_view text = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return text;
}

absl::StatusOr<std::string> TakeDoubleQuoted(std::string_view& rest) {
  constexpr std::string_view kEscapable = "\"\\$`";
  std::string text;
  while (!rest.empty()) {
    const char c = rest[0];
    rest.remove_prefix(1);
    if (c == '"') return text;
    const bool escapes = c == '\\' && !rest.empty() &&
                         kEscapable.find(rest[0]) != kEscapable.npos;
    text += escapes ? rest[0] : c;
    if (escapes) rest.remove_prefix(1);
  }
  return NotClosed('"');
}

absl::StatusOr<std::string> TakeShellWord(std::string_view& rest) {
  std::string word;
  while (!rest.empty() && !IsBlank(rest[0])) {
    const char c = rest[0];
    rest.remove_prefix(1);
    if (c == '\'') {
      TUTTI_ASSIGN_OR_RETURN(const std::string_view text,
                             TakeSingleQuoted(rest));
      word += text;
    } else if (c == '"') {
      TUTTI_ASSIGN_OR_RETURN(const std::string text, TakeDoubleQuoted(rest));
      word += text;
    } else if (c == '\\') {
      if (rest.empty()) {
        return InvalidArgument("it ends in a backslash; leave that out");
      }
      word += rest[0];
      rest.remove_prefix(1);
    } else {
      word += c;
    }
  }
  return word;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ShellWords(std::string_view line) {
  std::vector<std::string> words;
  while (true) {
    while (!line.empty() && IsBlank(line[0])) line.remove_prefix(1);
    if (line.empty() || line[0] == '#') return words;
    TUTTI_ASSIGN_OR_RETURN(std::string word, TakeShellWord(line));
    words.push_back(std::move(word));
  }
}

}  // namespace tutti
