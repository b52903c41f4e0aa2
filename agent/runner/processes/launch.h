// From a signed spec to what a process is started with.
#ifndef AGENT_RUNNER_PROCESSES_LAUNCH_H_
#define AGENT_RUNNER_PROCESSES_LAUNCH_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/runner/processes/user_directory.h"
#include "tutti/v1/envelope.pb.h"
#include "tutti/v1/task.pb.h"

namespace tutti::runner {

// What this host adds to every spec.
struct LaunchSettings {
  // Empty: the user the runner runs as.
  std::string default_user;
  std::map<std::string, std::string> environment;
};

struct Launch {
  std::vector<std::string> arguments;
  // "NAME=value", each name once.
  std::vector<std::string> environment;
  // What is tried in order: the program itself, or in each folder of PATH.
  std::vector<std::string> programs;
  std::string directory;
  // `directory` was not asked for: / will do when it can not be entered.
  bool any_directory = false;
  User user;
  // Only root can become another user.
  bool switch_user = false;
  // For messages.
  std::string path_variable;
};

// As whom the spec is to run.
UserQuery ChooseUser(const tutti::v1::JobSpec& spec,
                     const LaunchSettings& settings);

// The error is a reason to refuse the attempt: this runner can not become that
// user.
absl::StatusOr<Launch> PlanLaunch(const tutti::v1::JobSpec& spec,
                                  const tutti::v1::AttemptKey& key,
                                  const LaunchSettings& settings, User user);

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_PROCESSES_LAUNCH_H_
