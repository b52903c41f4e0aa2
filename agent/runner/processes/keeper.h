// The process that holds a task's tree together where there is no cgroup: it
// adopts what the task leaves behind (PR_SET_CHILD_SUBREAPER), so that nothing
// gets away, and speaks to the runner over a SOCK_SEQPACKET pair.
#ifndef AGENT_RUNNER_PROCESSES_KEEPER_H_
#define AGENT_RUNNER_PROCESSES_KEEPER_H_

#include <signal.h>
#include <sys/resource.h>

#include <cstdint>

#include "agent/runner/processes/start_process.h"

namespace tutti::runner {

// From the runner.
struct KeeperCommand {
  enum class Kind : uint8_t {
    kSignal = 'T',
    kKill = 'K',
    // SIGSTOP to all, and SIGCONT.
    kFreeze = 'F',
    kThaw = 'C',
    // Leave the processes alone and end.
    kAbandon = 'A',
  };
  Kind kind = Kind::kSignal;
  // Which signal.
  uint8_t number = SIGTERM;
};

// To the runner.
struct KeeperReport {
  enum class Kind : uint8_t {
    kStarted,
    // `start_error` says why.
    kNotStarted,
    // `value` is the wait status.
    kMainEnded,
    // `value` counts the killed. The last one: the keeper ends.
    kEmpty,
  };
  Kind kind = Kind::kStarted;
  bool others_left = false;
  int32_t value = 0;
  rusage usage = {};
  StartError start_error;
};

// The keeper's life, in a child of fork(2): it never allocates, as another
// thread of the runner may have held a lock of the heap at that moment. When
// the last holder of the runner's end of the line goes away everything is
// killed: nobody would empty the pipes any more.
[[noreturn]] void RunKeeper(const PreparedStart& start,
                            const ProcessDescriptors& descriptors, int socket);

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_PROCESSES_KEEPER_H_
