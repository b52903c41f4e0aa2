// `tutti completion`: scripts that complete verbs and options.
#ifndef CONTROLLER_CLI_APP_COMPLETION_H_
#define CONTROLLER_CLI_APP_COMPLETION_H_

#include <string>

#include "controller/cli/command.h"

namespace tutti::cli {

void AddCompletion(CLI::App& root, Context& context);

// The scripts, made from the verbs and options below `root`.
std::string BashCompletion(const CLI::App& root);
std::string ZshCompletion(const CLI::App& root);
std::string FishCompletion(const CLI::App& root);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_APP_COMPLETION_H_
