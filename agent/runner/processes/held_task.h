// Running tasks that others hold for the runner: proto/tutti/runner/v1.
#ifndef AGENT_RUNNER_PROCESSES_HELD_TASK_H_
#define AGENT_RUNNER_PROCESSES_HELD_TASK_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/file_descriptor.h"
#include "tutti/runner/v1/held_task.pb.h"

namespace tutti::runner {

// A task that runs, as it is given away. Borrows the descriptors.
struct HeldDescription {
  v1::HeldTask task;
  std::vector<int> descriptors;

  // Its place among them.
  uint32_t Add(int descriptor) {
    descriptors.push_back(descriptor);
    return static_cast<uint32_t>(descriptors.size() - 1);
  }
};

// One that came back.
struct ReturnedTask {
  v1::HeldTask task;
  std::vector<FileDescriptor> descriptors = {};
  // Of a task that was handed over: what it reads is written here. Others never
  // have it.
  FileDescriptor input = FileDescriptor();

  // Each can be taken once. Whoever held it is not to be trusted:
  // INVALID_ARGUMENT when there is none, or it is not of this type (S_IFIFO,
  // S_IFSOCK as of stat(2); 0: any).
  absl::StatusOr<FileDescriptor> Take(uint32_t place, unsigned type);
  // The same for a pidfd.
  absl::StatusOr<FileDescriptor> TakePidfd(uint32_t place);
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_PROCESSES_HELD_TASK_H_
