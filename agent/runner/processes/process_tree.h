// A process and everything that came from it.
#ifndef AGENT_RUNNER_PROCESSES_PROCESS_TREE_H_
#define AGENT_RUNNER_PROCESSES_PROCESS_TREE_H_

#include <cstdint>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "agent/runner/processes/held_task.h"

namespace tutti::runner {

// How the main process ended.
struct MainEnd {
  // As of wait(2).
  int wait_status = 0;
  // Not empty: there is no status, and why.
  std::string lost_because;
  absl::Duration user_time;
  absl::Duration system_time;
  uint64_t peak_resident_bytes = 0;
  // Processes of a tree with limits that the kernel killed by then for want of
  // memory.
  uint64_t killed_for_memory = 0;
};

// Called on the loop's thread. They must not destroy the tree.
struct ProcessTreeCallbacks {
  // Once. `others_left`: processes that came from the main one live on; the
  // owner then says what becomes of them: Kill, Abandon, or nothing yet.
  absl::AnyInvocable<void(const MainEnd& end, bool others_left)> on_main_ended;
  // Once, after on_main_ended with others left, when none is left any more.
  // `killed` counts those that Kill found after the main one had ended.
  absl::AnyInvocable<void(uint32_t killed)> on_empty;
};

// One thread only, the loop's. Destroying it leaves the processes alone.
class ProcessTree {
 public:
  virtual ~ProcessTree() = default;
  // To every process of the tree; one that is frozen gets it with Thaw.
  virtual void Signal(int number) = 0;
  // KILL to every process of the tree, also to a frozen one.
  virtual void Kill() = 0;
  // No process of the tree goes on until Thaw. Returns what whoever reads the
  // task's output is to know of it; empty: nothing.
  virtual std::string Freeze() = 0;
  // Does nothing to a tree that is not frozen.
  virtual void Thaw() = 0;
  // The tree may live on, also under the next runner unless it was told to end;
  // nothing is called back any more.
  virtual void Abandon() = 0;
  // What another runner needs to go on with it.
  virtual void Describe(HeldDescription& held) const = 0;
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_PROCESSES_PROCESS_TREE_H_
