// Settings of tutti-runner: runner.yaml, what its flags say instead, and who
// enrolment made of this host.
#ifndef AGENT_RUNNER_CONFIGURATION_RUNNER_CONFIGURATION_H_
#define AGENT_RUNNER_CONFIGURATION_RUNNER_CONFIGURATION_H_

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/configuration/settings.h"
#include "common/jobs/query_limits.h"

namespace tutti::runner {

struct RunnerConfiguration {
  // From trust/target.yaml, which enrolment writes.
  std::string fleet;
  std::string target;

  std::string trust_directory;
  std::string state_directory;
  std::string socket;
  // Of the manifests of add-in kinds.
  std::string kinds_directory;
  // Bytes.
  uint64_t spool_task_limit = uint64_t{1} << 30;
  uint64_t spool_limit = uint64_t{8} << 30;
  // Output that nobody has taken goes when the spool is full, the oldest
  // first; otherwise the command waits.
  bool drop_when_full = false;
  absl::Duration retention = absl::Hours(24);
  QueryLimits query_limits;
  // Empty: the user the runner runs as.
  std::string default_user;
  std::map<std::string, std::string> environment;
  // Empty: the same user as the runner's.
  std::string agent_user;
  std::string log_level = "info";
};

// Keys of runner.yaml, each of which is also a flag.
std::vector<SettingDescription> DescribeRunnerSettings();

// Reads `path` (DIR/runner.yaml). Defaults are beside it: DIR/trust and
// DIR/state, which is /var/lib/tutti for /etc/tutti; relative paths in the
// file are relative to DIR. Every mistake is named with file, line and key; a
// host that is not enrolled is FAILED_PRECONDITION.
absl::StatusOr<RunnerConfiguration> LoadRunnerConfiguration(
    const std::string& path, const SettingOverrides& overrides);

// Who the agent is to the kernel; nothing where it is the runner's own user.
struct AgentAccount {
  std::optional<uid_t> user;
  std::optional<gid_t> group;
};
absl::StatusOr<AgentAccount> FindAgentAccount(
    const RunnerConfiguration& configuration);
// For a check of the configuration alone: a runner starts without its default
// user, whose directory service may come up later.
absl::Status CheckDefaultUser(const RunnerConfiguration& configuration);

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_CONFIGURATION_RUNNER_CONFIGURATION_H_
