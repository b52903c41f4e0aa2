// Who somebody is: the single URI in a certificate (SPIFFE ID, see
// https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md).
#ifndef COMMON_IDENTITY_IDENTITY_H_
#define COMMON_IDENTITY_IDENTITY_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/uuid.h"

namespace tutti {

// Each role has a trust domain and an authority of its own, but for bootstrap
// identities and delegates, which the agents' authority issues under paths that
// no agent can have: spiffe://agents.FLEET/bootstrap/TOKEN, and
// spiffe://agents.FLEET/delegate/JOB/NAME.
enum class Role { kController, kAgent, kBootstrap, kOperator, kDelegate };

// "controller", "agent", "join token", "operator", "delegate".
std::string_view RoleName(Role role);

struct Identity {
  Role role = Role::kAgent;
  std::string fleet;
  // Name of the target, the operator or the controller, or id of the token. Of
  // a delegate: the operator in whose name it acts.
  std::string name;
  // Of a delegate: the job that it is. Nobody else has one.
  std::optional<Uuid> job = std::nullopt;

  friend bool operator==(const Identity&, const Identity&) = default;
};

// "spiffe://agents.FLEET/NAME"
std::string ToUri(const Identity& identity);
absl::StatusOr<Identity> ParseIdentity(std::string_view uri);

// Host part of the role's URIs: "agents.FLEET".
std::string TrustDomain(Role role, std::string_view fleet);

// A fleet is a DNS label: 1 to 63 of a-z, 0-9 and '-', no '-' at the ends.
absl::Status ValidateFleetName(std::string_view fleet);
// A target's or operator's name: 1 to 253 of A-Z a-z 0-9 . _ -, beginning
// with a letter or digit, and not one of the reserved words of target
// expressions (all and or not in last).
absl::Status ValidateName(std::string_view name);

}  // namespace tutti

#endif  // COMMON_IDENTITY_IDENTITY_H_
