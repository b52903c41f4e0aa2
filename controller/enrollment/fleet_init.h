// Making a fleet: its authorities, the controller's folder, the first operator.
#ifndef CONTROLLER_ENROLLMENT_FLEET_INIT_H_
#define CONTROLLER_ENROLLMENT_FLEET_INIT_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace tutti::controller {

struct FleetOptions {
  // "address:port", as in controller.yaml.
  std::vector<std::string> listen = {"[::]:7117"};
  // Where operators and agents find the controller, "host:port"; empty: made
  // from `listen`, with this host's name for an unspecified address.
  std::vector<std::string> controllers = {};
  // Name of the first operator.
  std::string operator_name = "admin";
  // Of the controller's own first certificate.
  absl::Duration certificate_life = absl::Hours(24 * 30);
};

// Fills `directory` (made when missing):
//
//   controller.yaml                      commented configuration
//   authorities/controllers/{certificate,key}.pem
//   authorities/agents/{certificate,key}.pem
//   authorities/operators.pem            certificate only
//   authorities/clients.pem              agents' and operators' certificates
//   identity/current/{certificate,key}.pem
//   local/trust/, local/runner.yaml      for the controller's own runner
//   operators/authority/{certificate,key}.pem
//   operators/OPERATOR/{certificate,key}.pem
//   operators/config.yaml                configuration of the CLI
//
// The controller never reads operators/: it may be moved away. ALREADY_EXISTS,
// with nothing changed, when a fleet is there; INVALID_ARGUMENT when a name or
// an address is bad. Blocks on the disk.
absl::Status InitFleet(std::string_view fleet, const std::string& directory,
                       const FleetOptions& options, absl::Time now);

}  // namespace tutti::controller

#endif  // CONTROLLER_ENROLLMENT_FLEET_INIT_H_
