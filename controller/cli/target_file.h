// Files of target expressions, as -T reads them.
#ifndef CONTROLLER_CLI_TARGET_FILE_H_
#define CONTROLLER_CLI_TARGET_FILE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tutti::cli {

// Expressions, one a line, blanks around them, empty lines and lines that begin
// with '#' left out. INVALID_ARGUMENT names `path` and the line.
absl::StatusOr<std::vector<std::string>> ParseTargetFile(
    std::string_view path, std::string_view content);

// The same of the file `path`; "-": standard input.
absl::StatusOr<std::vector<std::string>> ReadTargetFile(
    const std::string& path);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_TARGET_FILE_H_
