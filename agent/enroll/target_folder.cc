#include "agent/enroll/target_folder.h"

#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "common/identity/enrolled_target.h"
#include "common/identity/target_trust.h"

namespace tutti::agent {
namespace {

constexpr std::string_view kAgentTemplate =
    R"(# Configuration of tutti-agent, the network side of this target. Every key is
# also a flag; docs/configuration.md explains each. Lines that begin with #
# show the defaults.

# Where the runner's socket and spool are; the same as in runner.yaml.
state_directory: "{}"

# Controllers, instead of those of the join token; tried in turn.
# controllers: ["controller.example:7117"]

# debug, info, warning or error.
# log_level: info
)";

// The agent's account where one of its own is used.
const passwd* AgentAccount(const EnrollOptions& options) {
  return geteuid() == 0 ? getpwnam(options.user.c_str()) : nullptr;
}

std::string StateDirectory(const EnrollOptions& options) {
  if (!options.state_directory.empty()) return options.state_directory;
  return DefaultStateDirectory(options.directory);
}

absl::Status WriteIfAbsent(const std::string& path, std::string_view content) {
  std::error_code error;
  if (std::filesystem::exists(path, error)) return absl::OkStatus();
  return WriteFileAtomically(path, content, 0644);
}

// The identity is the agent's, which may not be who enrols.
absl::Status GiveTo(const passwd& account, const std::string& directory) {
  std::vector<std::string> paths = {directory};
  std::error_code error;
  for (const auto& path :
       std::filesystem::recursive_directory_iterator(directory, error)) {
    paths.push_back(path.path().string());
  }
  for (const std::string& path : paths) {
    if (lchown(path.c_str(), account.pw_uid, account.pw_gid) != 0) {
      return SystemError(errno,
                         fmt::format("give {} to {}", path, account.pw_name));
    }
  }
  return absl::OkStatus();
}

absl::Status AlreadyEnrolled(const EnrollOptions& options,
                             const Credentials& credentials, absl::Time now) {
  const Certificate& own = credentials.certificates.front();
  const absl::StatusOr<Identity> identity = own.identity();
  const std::string who =
      identity.ok()
          ? fmt::format("'{}' of fleet '{}'", identity->name, identity->fleet)
          : "somebody else";
  if (identity.ok() && identity->name == options.name &&
      now < own.not_after()) {
    return FailedPrecondition(
        "{} is enrolled already as {}, good until {}; there is nothing to do "
        "but to start the agent",
        options.directory, who, FormatDate(own.not_after()));
  }
  return FailedPrecondition(
      "{0} is enrolled already as {1}{2}; to enrol it anew stop the agent, run "
      "tutti agent remove {3}, remove {0}/identity and {0}/trust, and enrol "
      "again",
      options.directory, who,
      now < own.not_after()
          ? ""
          : fmt::format(", expired on {}", FormatDate(own.not_after())),
      identity.ok() ? identity->name : "NAME");
}

}  // namespace

absl::Status CheckFree(const EnrollOptions& options, absl::Time now) {
  const absl::StatusOr<Credentials> credentials =
      LoadIdentity(options.directory + "/identity");
  if (credentials.ok()) return AlreadyEnrolled(options, *credentials, now);
  if (!absl::IsNotFound(credentials.status())) {
    return FailedPrecondition(
        "{0} holds an identity that can not be used: {1}; or remove "
        "{0}/identity and enrol again",
        options.directory, TextOf(credentials.status()));
  }
  TUTTI_RETURN_IF_ERROR(MakeDirectories(options.directory, 0755));
  if (access(options.directory.c_str(), W_OK | X_OK) != 0) {
    return PermissionDenied(
        "cannot write to {}: {}; enrol as root, or choose another --dir",
        options.directory, ErrnoText(errno));
  }
  return absl::OkStatus();
}

absl::Status FillFolder(const EnrollOptions& options, const JoinToken& token,
                        const Credentials& credentials) {
  const std::string& directory = options.directory;
  const std::string state = StateDirectory(options);
  TUTTI_RETURN_IF_ERROR(
      WriteTrust(directory + "/trust",
                 {.fleet = token.fleet,
                  .name = options.name,
                  .controllers = token.controllers,
                  .operator_authority = token.operator_authority,
                  .controller_authority = token.controller_authority}));
  TUTTI_RETURN_IF_ERROR(WriteIfAbsent(directory + "/agent.yaml",
                                      fmt::format(kAgentTemplate, state)));
  const passwd* account = AgentAccount(options);
  TUTTI_RETURN_IF_ERROR(WriteIfAbsent(
      directory + "/runner.yaml",
      RunnerSettings(state, account == nullptr ? "" : options.user)));
  // Last: it is what makes the folder an enrolled one.
  TUTTI_RETURN_IF_ERROR(SaveIdentity(directory + "/identity", credentials));
  if (account == nullptr) return absl::OkStatus();
  return GiveTo(*account, directory + "/identity");
}

}  // namespace tutti::agent
