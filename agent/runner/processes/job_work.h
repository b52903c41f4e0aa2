// What a kind of job runs.
#ifndef AGENT_RUNNER_PROCESSES_JOB_WORK_H_
#define AGENT_RUNNER_PROCESSES_JOB_WORK_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tutti::runner {

// A text that goes along in a memory file: a script, or a query.
struct LaunchedScript {
  std::string name;
  std::string text;
};

// Under which descriptor a process has its text, and where it finds it. Out of
// the way of those that it may be given for messages and a result.
inline constexpr int kScriptDescriptor = 9;
inline constexpr char kScriptPath[] = "/proc/self/fd/9";

// Under which descriptors it has its side streams.
inline constexpr int kMessageDescriptor = 3;
inline constexpr int kResultDescriptor = 4;

// A value; what user, folder and limits have to say is not in it.
struct JobWork {
  // Its program is looked up in PATH when it has no slash.
  std::vector<std::string> arguments;
  std::optional<LaunchedScript> script = std::nullopt;
  // Stands on its standard input before all that the job is fed.
  std::optional<std::string> input = std::nullopt;
  // Goes before what all others say of the same variables.
  std::map<std::string, std::string> environment = {};
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_PROCESSES_JOB_WORK_H_
