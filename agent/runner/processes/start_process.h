// Starting one process, as fast as posix_spawn and with more to say.
#ifndef AGENT_RUNNER_PROCESSES_START_PROCESS_H_
#define AGENT_RUNNER_PROCESSES_START_PROCESS_H_

#include <sys/resource.h>
#include <sys/types.h>

#include <variant>
#include <vector>

#include "agent/runner/processes/launch.h"
#include "agent/runner/processes/start_error.h"
#include "common/base/file_descriptor.h"

namespace tutti::runner {

// The descriptors of a new process. Borrowed.
struct ProcessDescriptors {
  int input = -1;
  int output = -1;
  int error = -1;
  // Input, output and error are a terminal, which the process is to control.
  bool has_terminal = false;
  // /dev/null, for the keeper.
  int null_device = -1;
  // Become kMessageDescriptor, kResultDescriptor and kScriptDescriptor; -1:
  // there is none.
  int message = -1;
  int result = -1;
  int script = -1;
  // Folder of the cgroup to start in; -1: the parent's own.
  int cgroup = -1;
  // See CanBeBornIn; otherwise the process enters its cgroup, which makes the
  // kernel wait for all processors, some 15 ms on a host at rest.
  bool born_in_cgroup = false;
};

struct StartedProcess {
  pid_t pid = -1;
  FileDescriptor pidfd;
};

// Tries whether a process can be born in the cgroup with that folder: the
// kernel (Linux 5.7) and a filter of system calls decide. Some kernels kill
// what is born when the parent's own group was once killed and the other was
// not, or the other way round.
bool CanBeBornIn(int cgroup);

// Limit on open descriptors that processes are to have, whatever this process
// itself has: that of the first call, which is to come before
// RaiseDescriptorLimit.
rlimit OriginalDescriptorLimit();
// Goes back to it, for a program that is to take this one's place.
void RestoreDescriptorLimit();

// A start made ready. The new process leads a session of its own, has the
// launch's user, groups, directory, environment, mask, priorities and limits,
// default signal dispositions and no descriptors but those it is given.
class PreparedStart {
 public:
  // `launch` is borrowed. Run may be called by this thread, or by what it
  // forks.
  PreparedStart(const Launch& launch, const ProcessDescriptors& descriptors);

  // Returns when the program runs; one on a file system that hangs makes it
  // wait. Neither allocates nor takes a lock: a child forked by a program with
  // threads may call it.
  std::variant<StartedProcess, StartError> Run() const;

 private:
  const Launch& launch_;
  const ProcessDescriptors descriptors_;
  // Ended by null.
  const std::vector<const char*> arguments_;
  const std::vector<const char*> environment_;
  const std::vector<const char*> programs_;
  const rlimit descriptor_limit_;
  // Of this thread; null when there is no memory.
  void* const stack_;
};

// Prepares and runs.
std::variant<StartedProcess, StartFailure> StartProcess(
    const Launch& launch, const ProcessDescriptors& descriptors);

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_PROCESSES_START_PROCESS_H_
