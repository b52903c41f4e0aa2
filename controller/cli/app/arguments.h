// The argv before the option parser sees it.
#ifndef CONTROLLER_CLI_APP_ARGUMENTS_H_
#define CONTROLLER_CLI_APP_ARGUMENTS_H_

#include <optional>
#include <string>
#include <vector>

namespace tutti::cli {

struct Arguments {
  // For the option parser; without the program's own name.
  std::vector<std::string> words;
  // What followed the first "--", or began with the FILE of `script`, byte for
  // byte; absent when there was neither.
  std::optional<std::vector<std::string>> tail;
};

// Cuts `argv` (without the program's own name) at the first "--" or in front of
// the word number `file`, whichever comes first. In front of that "--name="
// becomes two words, since CLI11 would take the next word for the missing
// value.
Arguments SplitArguments(const std::vector<std::string>& argv,
                         std::optional<size_t> file = std::nullopt);

// Index of the first word that is neither an option of the program itself nor
// its value; the number of words when there is none.
size_t FirstVerb(const std::vector<std::string>& words);

// `tutti jobs` is `tutti job list`, `tutti hosts` is `tutti agent list`,
// `tutti help VERB` is `tutti VERB --help`, `tutti --version` is `tutti
// version`.
void ExpandAliases(std::vector<std::string>& words);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_APP_ARGUMENTS_H_
