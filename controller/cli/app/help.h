// What --help shows.
#ifndef CONTROLLER_CLI_APP_HELP_H_
#define CONTROLLER_CLI_APP_HELP_H_

#include <string>

#include "controller/cli/parser.h"

namespace tutti::cli {

// Of the program: every verb with one line. Of a noun: its verbs. Of a verb:
// usage, options by group, examples. At most 80 columns wide but for examples.
std::string FormatHelp(const CLI::App& app, bool color);

// "tutti job show [OPTIONS] JOB"
std::string UsageLine(const CLI::App& app);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_APP_HELP_H_
