#include "common/identity/target_trust.h"

#include <fmt/format.h>

#include "common/base/files.h"
#include "common/base/status_macros.h"

namespace tutti {
namespace {

constexpr std::string_view kTargetTemplate =
    R"(# Who this target is. Written by tutti-agent enroll, or by
# tutti-controller init; the agent can not change it.
fleet: "{}"
name: "{}"
controllers:
{})";

constexpr std::string_view kRunnerTemplate =
    R"(# Configuration of tutti-runner, the privileged side of this target. Every key
# is also a flag; docs/configuration.md explains each. Lines that begin with #
# show the defaults.

# Where the socket, the spool and the ledger are; the same as in agent.yaml, or
# beside the socket that controller.yaml names.
state_directory: "{}"

# Who runs tutti-agent, or the controller whose own runner this is: it may use
# the socket and read the spool. Empty: the runner's own user.
{}agent_user: "{}"

# Who runs a command that names no user. Empty: the runner's own user.
# default_user: ""

# Added to the environment of every command.
# environment: {{ LC_ALL: C.UTF-8 }}

# Output that is kept on disk, of one task and in all, and for how long after
# the controller has it. When that is full a command waits (block), or the
# oldest output goes (drop).
# spool_task_limit: 1GiB
# spool_limit: 8GiB
# spool_policy: block
# retention: 24h

# What one query may take.
# query_cpu_limit: 30s
# query_memory_limit: 256MiB
# query_rows_limit: 100MiB

# debug, info, warning or error.
# log_level: info
)";

std::string TargetFile(const TargetTrust& trust) {
  std::string controllers;
  for (const std::string& controller : trust.controllers) {
    controllers += fmt::format("  - \"{}\"\n", controller);
  }
  return fmt::format(kTargetTemplate, trust.fleet, trust.name, controllers);
}

}  // namespace

absl::Status WriteTrust(const std::string& directory,
                        const TargetTrust& trust) {
  TUTTI_RETURN_IF_ERROR(MakeDirectories(directory, 0755));
  TUTTI_RETURN_IF_ERROR(WriteFileAtomically(directory + "/operators.pem",
                                            trust.operator_authority, 0644));
  TUTTI_RETURN_IF_ERROR(WriteFileAtomically(directory + "/controllers.pem",
                                            trust.controller_authority, 0644));
  return WriteFileAtomically(directory + "/target.yaml", TargetFile(trust),
                             0644);
}

std::string RunnerSettings(std::string_view state_directory,
                           std::string_view agent_user) {
  return fmt::format(kRunnerTemplate, state_directory,
                     agent_user.empty() ? "# " : "", agent_user);
}

}  // namespace tutti
