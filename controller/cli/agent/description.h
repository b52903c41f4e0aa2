// Agents in words and in JSON.
#ifndef CONTROLLER_CLI_AGENT_DESCRIPTION_H_
#define CONTROLLER_CLI_AGENT_DESCRIPTION_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/cli/connection.h"
#include "controller/cli/labels.h"
#include "controller/cli/output.h"
#include "tutti/v1/fleet.pb.h"

namespace tutti::cli {

// "now" while it is online.
std::string LastSeenText(const v1::Agent& agent, absl::Time now);

// Those that conditions see: the controller's, and the host's own where the
// controller has none of that name.
LabelMap EffectiveLabels(const v1::Agent& agent);

Json AgentToJson(const v1::Agent& agent);

// The agent of that name. NOT_FOUND with the nearest name.
absl::StatusOr<v1::Agent> FindAgent(Connection& connection,
                                    const std::string& name);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_AGENT_DESCRIPTION_H_
