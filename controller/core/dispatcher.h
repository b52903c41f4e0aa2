// Starting jobs and their tasks.
#ifndef CONTROLLER_CORE_DISPATCHER_H_
#define CONTROLLER_CORE_DISPATCHER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "controller/core/core_state.h"
#include "controller/core/directives.h"
#include "controller/core/journal_queue.h"
#include "controller/core/retention.h"
#include "controller/core/task_rules.h"

namespace tutti::controller {

// A task is sent only after the journal has that it is assigned. Not
// thread-safe.
class Dispatcher {
 public:
  Dispatcher(CoreState& state, JournalQueue& journal, TaskRules& tasks,
             Directives& directives, Retention& retention)
      : state_(state),
        journal_(journal),
        tasks_(tasks),
        directives_(directives),
        retention_(retention) {}
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  void StartJob(PreparedJob prepared, Reply<v1::StartJobResponse> reply);
  // Out of the journal, before any event.
  void SetNextNumber(uint64_t number) { next_number_ = number; }
  // Enters a task that has not started into the job's rollout.
  void AddPending(Job& job, uint32_t task);

  // Asks the rollout of a job what may be done now.
  void Dispatch(Job& job);
  // It is in the journal that a task is assigned.
  void OnAssigned(const TaskReference& task);
  // Sends a task to its target (again).
  void Send(Job& job, uint32_t task);
  // What of an attempt has not started never will. The caller tells the
  // targets of the others.
  void StopWaiting(Job& job, JobAttempt& attempt);
  // The same, and the targets are told. The caller makes it durable. Again: by
  // another rule.
  void Stop(Job& job, JobAttempt& attempt, const v1::StopRule& rule = {});
  // The same of all attempts.
  void Stop(Job& job);
  // The same of one task that is not final.
  void StopTask(Job& job, uint32_t task, const v1::StopRule& rule);
  // The same, made durable, of a task that is not being ended yet. `reason` is
  // the controller's, and then the task's.
  void EndTask(Job& job, uint32_t task, std::string_view reason);
  // Out of the journal: what was stopped and has not started never will.
  void StopStopped(Job& job, JobAttempt& attempt);
  // Tells a task's target what should be, if it is there.
  void TellTarget(Job& job, uint32_t task);
  // The places in `targets` of those that are offline.
  std::vector<uint32_t> OfflineAmong(const std::vector<std::string>& targets);

 private:
  using StartReply = Reply<v1::StartJobResponse>;

  // The same envelope gets the same answer.
  void AnswerExisting(Job& job, const std::string& envelope, StartReply reply);
  Job& AddJob(PreparedJob prepared, const Uuid& uuid);
  // What a task's target is sent.
  static Assignment MakeAssignment(Job& job, uint32_t task);
  // Asks the target, which is there, whether it would start the task.
  void Ask(Job& job, uint32_t task);
  // Marks a task assigned, not yet journaled.
  void Assign(Job& job, uint32_t task);
  void OnJobCommitted(uint64_t number, const std::vector<uint32_t>& assigned,
                      const absl::Status& status);
  void Abandon(Job& job);
  // Skips what has not started of older jobs with the same key.
  void SupersedeBy(const Job& newer);
  void Dispatch(Job& job, JobAttempt& attempt);
  // Who has not been asked yet, as long as the job is valid.
  void AskForQuorum(Job& job, JobAttempt& attempt);
  // When Dispatch may have something to do because time has passed.
  void SetTimers(Job& job, const JobAttempt& attempt);
  // Ends tasks whose targets did not come in time.
  void Expire(Job& job, Rollout& rollout);
  // So many failed that the rest is not started.
  void EndAtLimit(Job& job, JobAttempt& attempt);

  CoreState& state_;
  JournalQueue& journal_;
  TaskRules& tasks_;
  Directives& directives_;
  Retention& retention_;
  uint64_t next_number_ = 1;
  // Who waits for a job to be in the journal; the first one started it.
  absl::flat_hash_map<uint64_t, std::vector<StartReply>> waiting_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_CORE_DISPATCHER_H_
