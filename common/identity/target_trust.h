// What makes a folder that of a target: DIR/trust, DIR/runner.yaml.
#ifndef COMMON_IDENTITY_TARGET_TRUST_H_
#define COMMON_IDENTITY_TARGET_TRUST_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace tutti {

// Who the target is and whom it believes.
struct TargetTrust {
  std::string fleet;
  std::string name;
  // "host:port".
  std::vector<std::string> controllers;
  // PEM.
  std::string operator_authority;
  std::string controller_authority;
};

// Fills `directory` with target.yaml (enrolled_target.h reads it),
// operators.pem and controllers.pem, which everybody may read.
absl::Status WriteTrust(const std::string& directory, const TargetTrust& trust);

// The text of runner.yaml. `agent_user`: who may use the runner's socket;
// empty: the runner's own user.
std::string RunnerSettings(std::string_view state_directory,
                           std::string_view agent_user);

}  // namespace tutti

#endif  // COMMON_IDENTITY_TARGET_TRUST_H_
