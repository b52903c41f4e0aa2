// Settings of tutti-agent: agent.yaml, what its flags say instead, and who
// enrolment made of this host.
#ifndef AGENT_CONFIGURATION_CONFIGURATION_H_
#define AGENT_CONFIGURATION_CONFIGURATION_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/configuration/settings.h"

namespace tutti::agent {

struct Configuration {
  // From trust/target.yaml, which enrolment writes.
  std::string fleet;
  std::string name;

  // "host:port", tried in turn. Default: those of the join token.
  std::vector<std::string> controllers;
  std::string trust_directory;
  std::string identity_directory;
  std::string state_directory;
  std::string runner_socket;
  std::string log_level = "info";
  // What this host is called by its owner, for target expressions.
  std::map<std::string, std::string> labels;
};

// Keys of agent.yaml, each of which is also a flag.
std::vector<SettingDescription> DescribeSettings();

// Reads `path` (DIR/agent.yaml). Defaults are beside it: DIR/trust,
// DIR/identity, and DIR/state, which is /var/lib/tutti for /etc/tutti;
// relative paths in the file are relative to DIR. Every mistake is named with
// file, line and key; a host that is not enrolled is FAILED_PRECONDITION.
absl::StatusOr<Configuration> LoadConfiguration(
    const std::string& path, const SettingOverrides& overrides);

}  // namespace tutti::agent

#endif  // AGENT_CONFIGURATION_CONFIGURATION_H_
