#include "agent/runner/configuration/runner_configuration.h"

#include <pwd.h>
#include <unistd.h>

#include <filesystem>
#include <string_view>
#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/configuration/yaml_file.h"
#include "common/identity/enrolled_target.h"
#include "common/signing/envelope.h"

namespace tutti::runner {
namespace {

using Values = SettingValues;

// Less would stop a command after every line.
constexpr uint64_t kLeastSpoolBytes = 64 << 10;

absl::Status SetEnvironment(const Values& values,
                            RunnerConfiguration& configuration) {
  TUTTI_RETURN_IF_ERROR(SetNamedValues(values, configuration.environment));
  for (const auto& [name, unused] : configuration.environment) {
    TUTTI_RETURN_IF_ERROR(CheckVariableName(name));
  }
  return absl::OkStatus();
}

template <uint64_t RunnerConfiguration::*member>
absl::Status SetSpoolBytes(const Values& values,
                           RunnerConfiguration& configuration) {
  return SetSize(values[0], kLeastSpoolBytes, configuration.*member);
}

absl::Status SetSpoolPolicy(const Values& values,
                            RunnerConfiguration& configuration) {
  const std::string& policy = values[0];
  if (policy != "block" && policy != "drop") {
    return InvalidArgument("unknown spool policy '{}'; use block or drop",
                           policy);
  }
  configuration.drop_when_full = policy == "drop";
  return absl::OkStatus();
}

constexpr Setting<RunnerConfiguration> kSettings[] = {
    {{"trust_directory", "DIR",
      "Folder of target.yaml and the operators' authority. Default: "
      "DIR/trust.",
      SettingForm::kPath},
     SetText<RunnerConfiguration, &RunnerConfiguration::trust_directory>},
    {{"state_directory", "DIR",
      "Folder of socket, spool and ledger. Default: /var/lib/tutti for "
      "/etc/tutti, otherwise DIR/state.",
      SettingForm::kPath},
     SetText<RunnerConfiguration, &RunnerConfiguration::state_directory>},
    {{"socket", "FILE",
      "Socket for the agent. Default: runner.sock in the state directory.",
      SettingForm::kPath},
     SetText<RunnerConfiguration, &RunnerConfiguration::socket>},
    {{"kinds_directory", "DIR",
      "Folder of the manifests of add-in kinds. Default: DIR/kinds.d.",
      SettingForm::kPath},
     SetText<RunnerConfiguration, &RunnerConfiguration::kinds_directory>},
    {{"spool_task_limit", "SIZE",
      "Output kept of one task until it is sent. Default: 1GiB."},
     SetSpoolBytes<&RunnerConfiguration::spool_task_limit>},
    {{"spool_limit", "SIZE", "Output kept of all tasks. Default: 8GiB."},
     SetSpoolBytes<&RunnerConfiguration::spool_limit>},
    {{"spool_policy", "POLICY",
      "When that is full: block (the command waits) or drop (the oldest "
      "output goes). Default: block."},
     SetSpoolPolicy},
    {{"retention", "DURATION",
      "How long output is kept that the controller has. Default: 24h."},
     [](const Values& values, RunnerConfiguration& configuration) {
       return SetDuration(values[0], absl::ZeroDuration(),
                          configuration.retention);
     }},
    {{"query_cpu_limit", "DURATION",
      "Processor time of one query, to whole seconds. Default: 30s."},
     [](const Values& values, RunnerConfiguration& configuration) {
       return SetDuration(values[0], kLeastQueryCpu,
                          configuration.query_limits.cpu);
     }},
    {{"query_memory_limit", "SIZE", "Memory of one query. Default: 256MiB."},
     [](const Values& values, RunnerConfiguration& configuration) {
       return SetSize(values[0], kLeastQueryMemory,
                      configuration.query_limits.memory);
     }},
    {{"query_rows_limit", "SIZE",
      "Rows of one query, as they are written. Default: 100MiB."},
     [](const Values& values, RunnerConfiguration& configuration) {
       return SetSize(values[0], kLeastQueryRows,
                      configuration.query_limits.rows);
     }},
    {{"default_user", "USER",
      "User of jobs that name none. Default: the runner's own."},
     SetText<RunnerConfiguration, &RunnerConfiguration::default_user>},
    {{"environment", "NAME=VALUE",
      "Added to the environment of every command. Repeatable.",
      SettingForm::kMap},
     SetEnvironment},
    {{"agent_user", "USER",
      "User the agent runs as. Default: the runner's own."},
     SetText<RunnerConfiguration, &RunnerConfiguration::agent_user>},
    {{"log_level", "LEVEL", "debug, info, warning or error. Default: info."},
     [](const Values& values, RunnerConfiguration& configuration) {
       return SetLogLevel(values[0], configuration.log_level);
     }},
};

absl::StatusOr<AgentAccount> FindAccount(std::string_view key,
                                         const std::string& name) {
  std::vector<char> buffer(64 << 10);
  passwd entry;
  passwd* found = nullptr;
  getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) {
    return NotFound(
        "no user '{}' on this host; make it, or correct the key '{}'", name,
        key);
  }
  return AgentAccount{found->pw_uid, found->pw_gid};
}

}  // namespace

std::vector<SettingDescription> DescribeRunnerSettings() {
  return Describe(kSettings);
}

absl::StatusOr<RunnerConfiguration> LoadRunnerConfiguration(
    const std::string& path, const SettingOverrides& overrides) {
  RunnerConfiguration configuration;
  TUTTI_ASSIGN_OR_RETURN(YamlMap map, LoadTargetSettings(path));
  TUTTI_RETURN_IF_ERROR(
      ReadSettings(kSettings, path, map, overrides, configuration));
  SetDefaultPaths(path, configuration.trust_directory,
                  configuration.state_directory, configuration.socket);
  if (configuration.kinds_directory.empty()) {
    configuration.kinds_directory =
        std::filesystem::absolute(path).lexically_normal().replace_filename(
            "kinds.d");
  }
  TUTTI_ASSIGN_OR_RETURN(EnrolledTarget target,
                         LoadEnrolledTarget(configuration.trust_directory));
  configuration.fleet = std::move(target.fleet);
  configuration.target = std::move(target.name);
  return configuration;
}

absl::StatusOr<AgentAccount> FindAgentAccount(
    const RunnerConfiguration& configuration) {
  if (configuration.agent_user.empty()) return AgentAccount();
  TUTTI_ASSIGN_OR_RETURN(const AgentAccount account,
                         FindAccount("agent_user", configuration.agent_user));
  return account.user == geteuid() ? AgentAccount() : account;
}

absl::Status CheckDefaultUser(const RunnerConfiguration& configuration) {
  if (configuration.default_user.empty()) return absl::OkStatus();
  return FindAccount("default_user", configuration.default_user).status();
}

}  // namespace tutti::runner
