// tutti-agent as a service.
#ifndef AGENT_DAEMON_H_
#define AGENT_DAEMON_H_

#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/configuration/configuration.h"

namespace tutti::agent {

// Runs the agent until SIGTERM or SIGINT; jobs go on at the runner. SIGHUP
// calls `reload` and takes log level and controllers from it. An error when
// it can't start. Call it before any other thread is started.
absl::Status RunDaemon(
    const Configuration& configuration,
    absl::AnyInvocable<absl::StatusOr<Configuration>()> reload);

}  // namespace tutti::agent

#endif  // AGENT_DAEMON_H_
