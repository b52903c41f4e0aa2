// `script`: one script on many targets.
#ifndef CONTROLLER_CLI_RUN_SCRIPT_H_
#define CONTROLLER_CLI_RUN_SCRIPT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/cli/command.h"
#include "tutti/v1/envelope.pb.h"

namespace tutti::cli {

// The kind of `script`: the file that `tail` begins with ("-": standard input)
// and the arguments behind it. An error names the file and the remedy.
absl::StatusOr<v1::JobSpec> MakeScript(
    const std::optional<std::vector<std::string>>& tail);

void AddScript(CLI::App& root, Context& context);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_SCRIPT_H_
