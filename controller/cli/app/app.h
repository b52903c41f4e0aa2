// The program around the verbs.
#ifndef CONTROLLER_CLI_APP_APP_H_
#define CONTROLLER_CLI_APP_APP_H_

#include <string>
#include <vector>

#include "controller/cli/command.h"

namespace tutti::cli {

// Parses `argv` (without the program's own name) and runs the verb. Gives the
// exit status; every error has been shown.
int RunProgram(const std::vector<std::string>& argv, Context& context);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_APP_APP_H_
