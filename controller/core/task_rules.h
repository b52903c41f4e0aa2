// How tasks go from state to state.
#ifndef CONTROLLER_CORE_TASK_RULES_H_
#define CONTROLLER_CORE_TASK_RULES_H_

#include <cstdint>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "controller/core/core_state.h"
#include "controller/core/journal_queue.h"
#include "controller/core/watches.h"

namespace tutti::controller {

// Changes one task with all that follows from it: counts, rollout, journal,
// watchers, timers, and the end of the job. Not thread-safe.
class TaskRules {
 public:
  TaskRules(CoreState& state, JournalQueue& journal, Watches& watches)
      : state_(state), journal_(journal), watches_(watches) {}
  TaskRules(const TaskRules&) = delete;
  TaskRules& operator=(const TaskRules&) = delete;

  // To a state that is not final.
  void Change(Job& job, uint32_t task, v1::TaskState state);
  // To a final state that no target reported.
  void Finish(Job& job, uint32_t task, v1::TaskState state,
              std::string_view reason);
  // What its target says of it. A final state counts once all output has
  // come; `end_position` is where that ends.
  void OnStatus(Job& job, uint32_t task, const v1::AttemptStatus& status,
                uint64_t end_position);
  // Output came: an end that waited for it may count now.
  void OnOutput(Job& job, uint32_t task);

  // It is tried again: an end that waits for output is of the old attempt.
  void ForgetAwaited(const Job& job, uint32_t task) {
    awaited_ends_.erase({job.number(), task});
  }

  // The link to its target was lost, or it could not be sent.
  void Disconnect(Job& job, uint32_t task);
  // A PENDING task's target went offline or came online.
  void SetOffline(Job& job, uint32_t task, bool offline);

  // Starts the watch over how long its link is lost.
  void WatchLink(Job& job, uint32_t task);
  // A timer of the task is due.
  void OnTimer(Job& job, uint32_t task);

  // All tasks are final: notes the end. For a job of the journal, too.
  void EndIfFinal(Job& job);

 private:
  struct AwaitedEnd {
    v1::AttemptStatus status;
    uint64_t end_position = 0;
  };

  void End(Job& job, uint32_t task, v1::TaskState state);
  // Tells who goes by a task's state.
  void OnChanged(const Job& job, uint32_t task);
  void OnLateStatus(Job& job, uint32_t task, const v1::AttemptStatus& status);
  bool HasAllOutput(Task& task, uint64_t end_position);

  CoreState& state_;
  JournalQueue& journal_;
  Watches& watches_;
  // Ends that came before the last output.
  absl::flat_hash_map<TaskReference, AwaitedEnd> awaited_ends_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_CORE_TASK_RULES_H_
