// How a process ended, also when it is not a child.
#ifndef AGENT_RUNNER_PROCESSES_PROCESS_EXIT_H_
#define AGENT_RUNNER_PROCESSES_PROCESS_EXIT_H_

#include <optional>

#include "agent/runner/processes/process_tree.h"

namespace tutti::runner {

// Reaps a child; of another runner's child the status alone is found out, where
// that can be. Empty as long as the process runs.
std::optional<MainEnd> TakeExit(int pidfd);

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_PROCESSES_PROCESS_EXIT_H_
