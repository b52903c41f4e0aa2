#include "agent/runner/configuration/runner_configuration.h"

#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/configuration/yaml_file.h"
#include "common/identity/identity.h"

namespace tutti::runner {
namespace {

constexpr std::string_view kSystemDirectory = "/etc/tutti";
constexpr std::string_view kSystemState = "/var/lib/tutti";
// Less would stop a command after every line.
constexpr uint64_t kLeastSpoolBytes = 64 << 10;

absl::Status CheckLogLevel(std::string_view level) {
  for (const char* known : {"debug", "info", "warning", "error"}) {
    if (level == known) return absl::OkStatus();
  }
  return InvalidArgument(
      "unknown log level '{}'; use debug, info, warning or error", level);
}

absl::Status CheckSpoolBytes(uint64_t bytes) {
  if (bytes >= kLeastSpoolBytes) return absl::OkStatus();
  return InvalidArgument("{} is too small; use at least {}", FormatSize(bytes),
                         FormatSize(kLeastSpoolBytes));
}

absl::StatusOr<bool> ParseSpoolPolicy(std::string_view policy) {
  if (policy == "block") return false;
  if (policy == "drop") return true;
  return InvalidArgument("unknown spool policy '{}'; use block or drop",
                         policy);
}

absl::Status CheckVariableName(std::string_view name) {
  if (name.empty() || name.find('=') != std::string_view::npos) {
    return InvalidArgument("'{}' is no name of a variable", name);
  }
  if (name.starts_with("TUTTI_")) {
    return InvalidArgument("'{}': names that begin with TUTTI_ are Tutti's own",
                           name);
  }
  return absl::OkStatus();
}

void GetSpoolBytes(YamlMap& map, std::string_view key, uint64_t& bytes) {
  if (!map.GetSize(key, bytes)) return;
  const absl::Status status = CheckSpoolBytes(bytes);
  if (!status.ok()) map.AddMistake(key, TextOf(status));
}

void GetSpoolPolicy(YamlMap& map, bool& drop_when_full) {
  std::string policy;
  if (!map.Get("spool_policy", policy)) return;
  const absl::StatusOr<bool> drop = ParseSpoolPolicy(policy);
  if (drop.ok()) {
    drop_when_full = *drop;
  } else {
    map.AddMistake("spool_policy", TextOf(drop.status()));
  }
}

absl::Status ReadRunnerFile(const std::string& path,
                            RunnerConfiguration& configuration) {
  absl::StatusOr<YamlMap> map = YamlMap::Load(path);
  if (absl::IsNotFound(map.status())) {
    return FailedPrecondition(
        "there is no {}; run tutti-agent enroll with a join token, or give "
        "--dir or --config",
        path);
  }
  if (!map.ok()) return map.status();
  map->Get("trust_directory", configuration.trust_directory);
  map->Get("state_directory", configuration.state_directory);
  map->Get("socket", configuration.socket);
  GetSpoolBytes(*map, "spool_task_limit", configuration.spool_task_limit);
  GetSpoolBytes(*map, "spool_limit", configuration.spool_limit);
  GetSpoolPolicy(*map, configuration.drop_when_full);
  map->Get("retention", configuration.retention);
  map->Get("default_user", configuration.default_user);
  map->Get("agent_user", configuration.agent_user);
  if (map->Get("environment", configuration.environment)) {
    for (const auto& [name, value] : configuration.environment) {
      const absl::Status status = CheckVariableName(name);
      if (!status.ok()) map->AddMistake("environment", TextOf(status));
    }
  }
  if (map->Get("log_level", configuration.log_level)) {
    const absl::Status status = CheckLogLevel(configuration.log_level);
    if (!status.ok()) map->AddMistake("log_level", TextOf(status));
  }
  return map->Finish();
}

absl::Status ApplySize(std::string_view flag,
                       const std::optional<std::string>& text,
                       uint64_t& bytes) {
  if (!text.has_value()) return absl::OkStatus();
  absl::StatusOr<uint64_t> parsed = ParseSize(*text);
  absl::Status status =
      parsed.ok() ? CheckSpoolBytes(*parsed) : parsed.status();
  if (!status.ok()) return WithPrefix(flag, status);
  bytes = *parsed;
  return absl::OkStatus();
}

absl::Status ApplyEnvironment(const std::vector<std::string>& variables,
                              RunnerConfiguration& configuration) {
  for (const std::string& variable : variables) {
    const size_t equals = variable.find('=');
    if (equals == std::string::npos) {
      return InvalidArgument("--environment '{}' is not of the form NAME=VALUE",
                             variable);
    }
    const std::string name = variable.substr(0, equals);
    const absl::Status status = CheckVariableName(name);
    if (!status.ok()) return WithPrefix("--environment", status);
    configuration.environment[name] = variable.substr(equals + 1);
  }
  return absl::OkStatus();
}

absl::Status ApplyFlags(const RunnerFlags& flags,
                        RunnerConfiguration& configuration) {
  const auto take_path = [](const std::optional<std::string>& flag,
                            std::string& value) {
    if (flag.has_value()) value = std::filesystem::absolute(*flag).string();
  };
  take_path(flags.trust_directory, configuration.trust_directory);
  take_path(flags.state_directory, configuration.state_directory);
  take_path(flags.socket, configuration.socket);
  TUTTI_RETURN_IF_ERROR(ApplySize("--spool-task-limit", flags.spool_task_limit,
                                  configuration.spool_task_limit));
  TUTTI_RETURN_IF_ERROR(
      ApplySize("--spool-limit", flags.spool_limit, configuration.spool_limit));
  if (flags.spool_policy.has_value()) {
    const absl::StatusOr<bool> drop = ParseSpoolPolicy(*flags.spool_policy);
    if (!drop.ok()) return WithPrefix("--spool-policy", drop.status());
    configuration.drop_when_full = *drop;
  }
  if (flags.retention.has_value()) {
    TUTTI_ASSIGN_OR_RETURN(configuration.retention,
                           ParseDuration(*flags.retention));
  }
  if (flags.log_level.has_value()) {
    TUTTI_RETURN_IF_ERROR(CheckLogLevel(*flags.log_level));
    configuration.log_level = *flags.log_level;
  }
  configuration.default_user =
      flags.default_user.value_or(configuration.default_user);
  configuration.agent_user =
      flags.agent_user.value_or(configuration.agent_user);
  return ApplyEnvironment(flags.environment, configuration);
}

void ApplyDefaults(const std::filesystem::path& directory,
                   RunnerConfiguration& configuration) {
  const auto path = [&](std::string& value, std::string_view otherwise) {
    value = (directory / (value.empty() ? otherwise : std::string_view(value)))
                .lexically_normal()
                .string();
  };
  path(configuration.trust_directory, "trust");
  path(configuration.state_directory,
       directory == kSystemDirectory ? kSystemState : "state");
  path(configuration.socket, configuration.state_directory + "/runner.sock");
}

absl::Status LoadTarget(RunnerConfiguration& configuration) {
  const std::string path = configuration.trust_directory + "/target.yaml";
  absl::StatusOr<YamlMap> map = YamlMap::Load(path);
  if (absl::IsNotFound(map.status())) {
    return FailedPrecondition(
        "this host is not enrolled ({} is missing); run tutti-agent enroll "
        "with a join token",
        path);
  }
  if (!map.ok()) return map.status();
  std::vector<std::string> controllers;
  map->Get("fleet", configuration.fleet);
  map->Get("name", configuration.target);
  map->Get("controllers", controllers);
  for (const char* key : {"fleet", "name"}) map->Require(key);
  TUTTI_RETURN_IF_ERROR(map->Finish());
  TUTTI_RETURN_IF_ERROR(ValidateFleetName(configuration.fleet));
  return ValidateName(configuration.target);
}

}  // namespace

absl::StatusOr<RunnerConfiguration> LoadRunnerConfiguration(
    const std::string& path, const RunnerFlags& flags) {
  RunnerConfiguration configuration;
  TUTTI_RETURN_IF_ERROR(ReadRunnerFile(path, configuration));
  TUTTI_RETURN_IF_ERROR(ApplyFlags(flags, configuration));
  const std::filesystem::path directory =
      std::filesystem::absolute(path).lexically_normal().parent_path();
  ApplyDefaults(directory, configuration);
  TUTTI_RETURN_IF_ERROR(LoadTarget(configuration));
  return configuration;
}

absl::StatusOr<AgentAccount> FindAgentAccount(const std::string& agent_user) {
  if (agent_user.empty()) return AgentAccount();
  std::vector<char> buffer(64 << 10);
  passwd entry;
  passwd* found = nullptr;
  getpwnam_r(agent_user.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) {
    return NotFound(
        "no user '{}' on this host; make it, or correct the key 'agent_user'",
        agent_user);
  }
  if (found->pw_uid == geteuid()) return AgentAccount();
  return AgentAccount{found->pw_uid, found->pw_gid};
}

}  // namespace tutti::runner
