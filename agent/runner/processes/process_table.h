// The processes of this host, read from /proc without the heap.
#ifndef AGENT_RUNNER_PROCESSES_PROCESS_TABLE_H_
#define AGENT_RUNNER_PROCESSES_PROCESS_TABLE_H_

#include <sys/types.h>

#include "absl/functional/function_ref.h"
#include "common/base/file_descriptor.h"

namespace tutti::runner {

// For a child of fork(2) in a program with threads: neither allocates nor takes
// a lock. The memory is reserved with the object and taken while it is used.
class ProcessTable {
 public:
  ProcessTable();
  ~ProcessTable();
  ProcessTable(const ProcessTable&) = delete;
  ProcessTable& operator=(const ProcessTable&) = delete;

  // Calls `visit` for each process that descends from this one. What is forked
  // meanwhile may be missed.
  void ForEachDescendant(absl::FunctionRef<void(pid_t)> visit);

 private:
  const FileDescriptor folder_;
  // By process id.
  pid_t* parents_ = nullptr;
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_PROCESSES_PROCESS_TABLE_H_
