// The names behind expressions.
#ifndef CONTROLLER_CLI_TARGET_NAMES_H_
#define CONTROLLER_CLI_TARGET_NAMES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/cli/command.h"

namespace tutti::cli {

// EXPR..., and `-` for standard input.
void AddExpressions(CLI::App& verb, std::vector<std::string>& expressions);

// `words` with the lines of standard input in the place of "-"; blank lines
// and lines that begin with '#' are left out. INVALID_ARGUMENT when nothing is
// left.
absl::StatusOr<std::vector<std::string>> TakeExpressions(
    const std::vector<std::string>& words);

// Names that one of the expressions has, sorted bytewise; of the fleet's when
// they are not plain, and then a name that nobody has is an error.
absl::StatusOr<std::vector<std::string>> NamesOf(
    const std::vector<std::string>& expressions, Context& context);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_TARGET_NAMES_H_
