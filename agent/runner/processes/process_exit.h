// How a process ended.
#ifndef AGENT_RUNNER_PROCESSES_PROCESS_EXIT_H_
#define AGENT_RUNNER_PROCESSES_PROCESS_EXIT_H_

#include <optional>

#include "agent/runner/processes/process_tree.h"

namespace tutti::runner {

// Says the kernel, whoever the descriptor came from.
bool IsPidfd(int descriptor);

// Reaps a child. Empty as long as it runs.
std::optional<MainEnd> TakeExitOfChild(int pidfd);

// The same for the child of an earlier runner, of which the status alone can be
// found out, and not everywhere.
std::optional<MainEnd> FindExitOfOther(int pidfd);

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_PROCESSES_PROCESS_EXIT_H_
