// The line of `run` that was probably meant.
#ifndef CONTROLLER_CLI_APP_MEANT_RUN_H_
#define CONTROLLER_CLI_APP_MEANT_RUN_H_

#include <optional>
#include <string>
#include <string_view>

#include "controller/cli/app/arguments.h"
#include "controller/cli/parser.h"

namespace tutti::cli {

// A wildcard, list or range, or a word with a digit: no verb looks like that.
bool LooksLikeTargets(std::string_view word);

// The option of `app` that is meant by a name that it has not: what other tools
// call it, or a slip of the fingers.
std::optional<std::string> MeantOption(const CLI::App& app,
                                       const std::string& name);

// `arguments`, which the verb `run` did not accept, with known options in
// front, targets behind -t and the program behind "--". The parser accepts the
// result. Absent where nothing can be guessed.
std::optional<Arguments> MeantRun(const CLI::App& run,
                                  const Arguments& arguments);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_APP_MEANT_RUN_H_
