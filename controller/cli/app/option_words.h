// Options among the words of a line that is not parsed yet.
#ifndef CONTROLLER_CLI_APP_OPTION_WORDS_H_
#define CONTROLLER_CLI_APP_OPTION_WORDS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/cli/parser.h"

namespace tutti::cli {

// A word that begins with '-' and has more to it.
bool IsOption(std::string_view word);
// "--name" of "--name=value", "-f" of "-f10".
std::string NameInWord(const std::string& word);
// Null when `app` has no option of that name.
const CLI::Option* FindOption(const CLI::App& app, const std::string& name);

// Number of the word of `argv` that is the FILE of `script`: its first one that
// is neither an option nor an option's value. Empty for other verbs, and when
// there is none in front of "--".
std::optional<size_t> FindScriptFile(const CLI::App& root,
                                     const std::vector<std::string>& argv);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_APP_OPTION_WORDS_H_
