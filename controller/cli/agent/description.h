// Agents in words and in JSON.
#ifndef CONTROLLER_CLI_AGENT_DESCRIPTION_H_
#define CONTROLLER_CLI_AGENT_DESCRIPTION_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/cli/connection.h"
#include "controller/cli/output.h"
#include "tutti/v1/fleet.pb.h"

namespace tutti::cli {

// "now" while it is online.
std::string LastSeenText(const v1::Agent& agent, absl::Time now);

Json AgentToJson(const v1::Agent& agent);

// The agent of that name. NOT_FOUND with the nearest name.
absl::StatusOr<v1::Agent> FindAgent(Connection& connection,
                                    const std::string& name);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_AGENT_DESCRIPTION_H_
