// Files of environment variables, as --env-file reads them.
#ifndef CONTROLLER_CLI_RUN_ENVIRONMENT_FILE_H_
#define CONTROLLER_CLI_RUN_ENVIRONMENT_FILE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/named_value.h"

namespace tutti::cli {

// NAME=VALUE a line; empty lines and lines that begin with '#' are left out.
// The value is all that follows the first '=', without quotes, escapes or
// continuation. INVALID_ARGUMENT names `path` and the line.
absl::StatusOr<std::vector<NamedValue>> ParseEnvironmentFile(
    std::string_view path, std::string_view content);

// The same of the file `path`; "-": standard input.
absl::StatusOr<std::vector<NamedValue>> ReadEnvironmentFile(
    const std::string& path);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_ENVIRONMENT_FILE_H_
