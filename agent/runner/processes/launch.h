// From a job's work and its signed spec to what a process is started with.
#ifndef AGENT_RUNNER_PROCESSES_LAUNCH_H_
#define AGENT_RUNNER_PROCESSES_LAUNCH_H_

#include <sys/resource.h>
#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/runner/processes/job_work.h"
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

// setrlimit(2).
struct ResourceSetting {
  std::string name;
  int resource = 0;
  rlimit limit = {};
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

  std::optional<LaunchedScript> script;
  // Its standard input is written by the runner, after `input`; otherwise it is
  // `input`, or /dev/null.
  bool takes_input = false;
  std::optional<std::string> input;
  // It has descriptors for messages and a result.
  bool side_streams = false;
  // Of this size its standard input, output and error are a terminal.
  std::optional<tutti::v1::WindowSize> terminal;
  mode_t umask = 022;
  // Absent: the runner's own.
  std::optional<int> nice;
  // As ioprio_set(2) takes it; absent: the runner's own.
  std::optional<int> io_priority;
  std::vector<ResourceSetting> resource_limits;
  tutti::v1::CgroupLimits cgroup_limits;
  // To be said in the output once it runs.
  std::vector<std::string> remarks;
};

// As whom the spec is to run.
UserQuery ChooseUser(const tutti::v1::JobSpec& spec,
                     const LaunchSettings& settings);

// The error is a reason to refuse the attempt: this runner can not become that
// user.
absl::StatusOr<Launch> PlanLaunch(const tutti::v1::JobSpec& spec,
                                  const tutti::v1::AttemptKey& key,
                                  const LaunchSettings& settings, User user,
                                  JobWork work);

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_PROCESSES_LAUNCH_H_
