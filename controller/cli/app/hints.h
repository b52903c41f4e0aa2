// Wrong lines, and what was probably meant.
#ifndef CONTROLLER_CLI_APP_HINTS_H_
#define CONTROLLER_CLI_APP_HINTS_H_

#include "absl/status/status.h"
#include "controller/cli/app/arguments.h"
#include "controller/cli/parser.h"

namespace tutti::cli {

// Words that the parser had no place for: misspelt verbs and options, habits
// of other tools, a program without "--". INVALID_ARGUMENT with the corrected
// command; OK when every word fits.
absl::Status CheckWords(const CLI::App& root, const Arguments& arguments);

// What the parser itself found wrong.
absl::Status FromParseError(const CLI::App& root, const CLI::ParseError& error);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_APP_HINTS_H_
