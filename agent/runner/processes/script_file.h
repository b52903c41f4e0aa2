// Texts that a process finds where nobody else does.
#ifndef AGENT_RUNNER_PROCESSES_SCRIPT_FILE_H_
#define AGENT_RUNNER_PROCESSES_SCRIPT_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "agent/runner/processes/launch.h"
#include "common/base/file_descriptor.h"

namespace tutti::runner {

// A memory file (memfd_create(2)) with the text, sealed against changes. It has
// no name in any folder, and only `owner`, as whom the process runs, may open
// it. `name` is for people.
absl::StatusOr<FileDescriptor> MakeTextFile(const std::string& name,
                                            const std::string& text,
                                            const User& owner);
// The same, and the owner may execute it.
absl::StatusOr<FileDescriptor> MakeScriptFile(const LaunchedScript& script,
                                              const User& owner);

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_PROCESSES_SCRIPT_FILE_H_
