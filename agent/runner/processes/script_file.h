// The text of a script where its interpreter finds it.
#ifndef AGENT_RUNNER_PROCESSES_SCRIPT_FILE_H_
#define AGENT_RUNNER_PROCESSES_SCRIPT_FILE_H_

#include "absl/status/statusor.h"
#include "agent/runner/processes/launch.h"
#include "common/base/file_descriptor.h"

namespace tutti::runner {

// A memory file (memfd_create(2)) with the text, sealed against changes. It has
// no name in any folder, and only `owner`, as whom the script runs, may open
// and execute it.
absl::StatusOr<FileDescriptor> MakeScriptFile(const LaunchedScript& script,
                                              const User& owner);

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_PROCESSES_SCRIPT_FILE_H_
