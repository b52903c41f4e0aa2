// -p KEY=VALUE: parameters of a kind.
#ifndef CONTROLLER_CLI_KIND_PARAMETER_OPTION_H_
#define CONTROLLER_CLI_KIND_PARAMETER_OPTION_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/cli/output.h"

namespace tutti::cli {

// An object with a text for each, or a list of texts for one that is there
// several times. A value "@FILE" is what is in that file ("@-": standard
// input), "@@..." begins with one "@".
absl::StatusOr<Json> ReadParameters(const std::vector<std::string>& options);

// "--secret api-key=@FILE" as "API_KEY=@FILE": secrets have names of variables.
std::vector<std::string> SecretOptions(const std::vector<std::string>& options);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_KIND_PARAMETER_OPTION_H_
