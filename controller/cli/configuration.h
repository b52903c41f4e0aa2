// The CLI's configuration: which fleets there are and how to reach them.
#ifndef CONTROLLER_CLI_CONFIGURATION_H_
#define CONTROLLER_CLI_CONFIGURATION_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/cli/command.h"
#include "tutti/v1/delegation.pb.h"

namespace tutti::cli {

// One entry of `fleets`. Paths are absolute or relative to the current folder.
struct FleetConfiguration {
  // The file that it stands in.
  std::string path;
  std::string fleet;
  // "host:port", at least one; tried in turn.
  std::vector<std::string> controllers;
  std::string controller_authority;
  std::string operator_authority;
  std::string certificate;
  std::string key;
};

// The file that `options` mean: --config, $TUTTI_CONFIG,
// $XDG_CONFIG_HOME/tutti/config.yaml, where that is not set below ~/.config.
absl::StatusOr<std::string> ConfigurationPath(const GlobalOptions& options);

// What $TUTTI_DELEGATION holds, in a job that was started with --delegate:
// it takes the place of a configuration unless --config names one. Absent:
// there is none. INVALID_ARGUMENT when it is damaged or of another fleet than
// --fleet.
absl::StatusOr<std::optional<v1::DelegationPass>> FindPass(
    const GlobalOptions& options);

// The entry that `options` mean; of a pass, without files. NOT_FOUND says how
// to get a configuration, INVALID_ARGUMENT names file, line and key, or the
// fleets that there are.
absl::StatusOr<FleetConfiguration> LoadFleet(const GlobalOptions& options);

// Whether its files can be read. The error names the key and the remedy.
absl::Status CheckFiles(const FleetConfiguration& fleet);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_CONFIGURATION_H_
