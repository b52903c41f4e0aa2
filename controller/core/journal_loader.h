// The core as it was before the controller was started again.
#ifndef CONTROLLER_CORE_JOURNAL_LOADER_H_
#define CONTROLLER_CORE_JOURNAL_LOADER_H_

#include "controller/core/core_state.h"
#include "controller/core/dispatcher.h"
#include "controller/core/task_rules.h"
#include "controller/journal/journal.h"

namespace tutti::controller {

// What was assigned and has no outcome is DISCONNECTED until its agent's
// hello says more; what was not assigned waits for its target as if the job
// had just come. A job that can not be read is left out with a line in the
// log. Used once, before any event.
class JournalLoader {
 public:
  JournalLoader(CoreState& state, Dispatcher& dispatcher, TaskRules& tasks)
      : state_(state), dispatcher_(dispatcher), tasks_(tasks) {}

  void Load(const JournalContents& contents);

 private:
  void AddJob(const JournalBatch::NewJob& stored);
  void AddAttempt(const JournalBatch::NewAttempt& stored);
  void AddSteering(const JournalBatch::Steering& stored);
  // That a task was assigned, whether it is over or not.
  void NoteStarted(const JournalBatch::Assigned& stored);
  void AddOutcome(const JournalBatch::Outcome& stored);
  void AddAssigned(const JournalBatch::Assigned& stored);
  // What has neither outcome nor assignment.
  void AddPending(Job& job);
  // Null when the task was not in that attempt.
  Job* FindTask(uint64_t job_number, uint32_t task, uint32_t attempt);

  CoreState& state_;
  Dispatcher& dispatcher_;
  TaskRules& tasks_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_CORE_JOURNAL_LOADER_H_
