// A job and its tasks.
#ifndef CONTROLLER_JOBS_JOB_H_
#define CONTROLLER_JOBS_JOB_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "controller/jobs/job_attempt.h"
#include "controller/jobs/job_request.h"
#include "controller/jobs/job_state.h"
#include "controller/jobs/task.h"
#include "tutti/storage/v1/journal.pb.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::controller {

// Names one task as long as the controller runs, also after its job is gone.
struct TaskReference {
  uint64_t job = 0;
  uint32_t task = 0;
  friend bool operator==(const TaskReference&, const TaskReference&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const TaskReference& reference) {
    return H::combine(std::move(h), reference.job, reference.task);
  }
};

// Keeps the counts right and knows nothing of agents or watches. Not
// thread-safe. The ResultStore of its outputs must outlive it.
class Job {
 public:
  // `tree` may be null: it is made when it is needed.
  Job(uint64_t number, JobRequest request,
      std::shared_ptr<const MerkleTree> tree);
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  uint64_t number() const { return number_; }
  const JobDescription& description() const { return description_; }
  const AttemptRequest& first_request() const {
    return attempts_.front()->request();
  }
  uint32_t size() const { return static_cast<uint32_t>(tasks_.size()); }
  const std::vector<std::string>& targets() const {
    return first_request().targets;
  }
  const std::string& target(uint32_t task) const { return targets()[task]; }
  std::optional<uint32_t> IndexOf(std::string_view target) const;

  Task& task(uint32_t index) { return tasks_[index]; }
  const Task& task(uint32_t index) const { return tasks_[index]; }
  void SetState(uint32_t index, v1::TaskState state);
  // Also keeps lost_count right.
  void SetLost(uint32_t index, bool lost);

  // Oldest first, never empty; number N is at N - 1.
  const std::vector<std::unique_ptr<JobAttempt>>& attempts() const {
    return attempts_;
  }
  JobAttempt& newest_attempt() { return *attempts_.back(); }
  const JobAttempt& newest_attempt() const { return *attempts_.back(); }
  // The one that a task is in, or was in last.
  JobAttempt& AttemptOf(uint32_t task) {
    return *attempts_[tasks_[task].attempt - 1];
  }
  const JobAttempt& AttemptOf(uint32_t task) const {
    return *attempts_[tasks_[task].attempt - 1];
  }
  // A retry, the next by number, of targets of this job whose tasks are final:
  // they are PENDING in it. `tree` may be null.
  JobAttempt& AddAttempt(AttemptRequest request,
                         std::shared_ptr<const MerkleTree> tree);
  // The tasks of an attempt.
  std::vector<uint32_t> TasksOf(const AttemptRequest& attempt) const;

  // A task as it is in an attempt; empty when it was not in that one.
  std::optional<AttemptView> ViewOf(uint32_t task, uint32_t attempt) const;
  // Its output there; null when it was not in that one.
  TaskOutput* OutputOf(uint32_t task, uint32_t attempt);
  // The attempt that follows, for a task; 0: none.
  uint32_t NextAttempt(uint32_t task, uint32_t attempt) const;

  v1::JobState state() const;
  bool final() const { return unfinished_ == 0; }
  absl::Time ended_at() const { return ended_at_; }
  void set_ended_at(absl::Time time) { ended_at_ = time; }

  const std::string& name() const { return name_; }
  void Rename(std::string name) { name_ = std::move(name); }
  const StateCounts& counts() const { return counts_; }

  // Held, for a question to be answered, or suspended: nothing starts.
  bool held() const { return held_; }
  bool suspended() const { return suspended_; }
  void SetHeld(bool held);
  void SetSuspended(bool suspended);

  v1::AttemptKey KeyOf(uint32_t task) const {
    return KeyOf(task, tasks_[task].attempt);
  }
  v1::AttemptKey KeyOf(uint32_t task, uint32_t attempt) const;
  // With or without the folded list of targets.
  v1::Job Describe(bool with_targets) const;
  // `last_seen`: of a PENDING task's target while that is offline. Of the
  // task's attempt, or an earlier one.
  v1::TaskStatus DescribeTask(uint32_t index, uint32_t attempt,
                              absl::Time last_seen) const;
  // Empty when the task was not in that attempt.
  storage::v1::JournaledOutcome OutcomeOf(uint32_t task,
                                          uint32_t attempt) const;

  bool remove_when_final = false;
  // False until it is in the journal: nobody sees it before.
  bool committed = false;
  // In the core's list of jobs to look at.
  bool dispatch_due = false;
  // Earliest entries of its rollouts in the timers and in those of its starts;
  // unknown: none.
  CompactTime timer_at;
  CompactTime start_timer_at;

 private:
  void HoldRollouts();
  // Wipes its secrets once all of its tasks have started or are final.
  void DropUnneededSecrets(JobAttempt& attempt);
  // Moves a task from its attempt, which stays readable, into another.
  void Reopen(uint32_t task, uint32_t attempt);

  const uint64_t number_;
  const JobDescription description_;
  std::string name_;
  bool held_ = false;
  bool suspended_ = false;
  std::vector<std::unique_ptr<JobAttempt>> attempts_;
  std::vector<Task> tasks_;
  StateCounts counts_;
  uint32_t unfinished_;
  uint32_t lost_count_ = 0;
  absl::Time ended_at_ = absl::InfinitePast();
};

}  // namespace tutti::controller

#endif  // CONTROLLER_JOBS_JOB_H_
