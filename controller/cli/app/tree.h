// All verbs of the program, and walking through them.
#ifndef CONTROLLER_CLI_APP_TREE_H_
#define CONTROLLER_CLI_APP_TREE_H_

#include <string>
#include <vector>

#include "controller/cli/command.h"

namespace tutti::cli {

void BuildTree(CLI::App& root, Context& context);

// Nouns and verbs directly below `app`, in order.
std::vector<const CLI::App*> Below(const CLI::App& app);
// The innermost noun or verb that the parsed line named.
const CLI::App& Chosen(const CLI::App& root);
// "tutti job list"
std::string PathOf(const CLI::App& app);
// The options of `app` that have a name (no positionals).
std::vector<const CLI::Option*> NamedOptions(const CLI::App& app);
std::vector<const CLI::Option*> Positionals(const CLI::App& app);
bool TakesValue(const CLI::Option& option);
// Whether words behind "--" mean something to it.
bool TakesTail(const CLI::App& app);
// The same, or nothing.
bool MayHaveTail(const CLI::App& app);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_APP_TREE_H_
