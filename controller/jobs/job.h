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
#include "common/signing/merkle_tree.h"
#include "controller/jobs/job_state.h"
#include "controller/jobs/task.h"
#include "controller/rollout/rollout.h"
#include "controller/rollout/rollout_options.h"
#include "tutti/storage/v1/journal.pb.h"
#include "tutti/v1/envelope.pb.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::controller {

// When a job does not say otherwise.
inline constexpr absl::Duration kDefaultLostAfter = absl::Minutes(10);

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

// What was asked for; constant.
struct JobRequest {
  Uuid uuid;
  uint32_t attempt = 1;
  std::string name;
  std::string operator_name;
  std::string kind;
  std::string summary;
  // See WorkDigest.
  std::string work_digest;
  std::string user;
  std::string target_expression;
  absl::Time expires_at;
  absl::Time started_at;
  // But for the seed.
  RolloutOptions rollout;
  // Indices of targets that were offline then; empty where it does not matter.
  std::vector<uint32_t> offline_at_start;
  v1::OfflinePolicy offline = v1::OFFLINE_POLICY_FAIL;
  // With OFFLINE_POLICY_WAIT; zero: until the spec expires.
  absl::Duration offline_wait;
  absl::Duration lost_after;
  // Serialised; shared with the assignments that are being sent.
  std::shared_ptr<const std::string> envelope;
  // Sorted bytewise, unique, and the same folded.
  std::vector<std::string> targets;
  std::string folded_targets;
};

// Fills in what the signed spec says.
void DescribeSpec(const v1::JobSpec& spec, JobRequest& request);
// The request behind a job of the journal. DATA_LOSS names the job when it can
// not be read.
absl::StatusOr<JobRequest> RequestOf(const storage::v1::JournaledJob& stored);
storage::v1::JournaledJob ToJournal(const JobRequest& request);

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
  const JobRequest& request() const { return request_; }
  uint32_t size() const { return static_cast<uint32_t>(tasks_.size()); }
  const std::string& target(uint32_t task) const {
    return request_.targets[task];
  }
  std::optional<uint32_t> IndexOf(std::string_view target) const;

  Task& task(uint32_t index) { return tasks_[index]; }
  const Task& task(uint32_t index) const { return tasks_[index]; }
  void SetState(uint32_t index, v1::TaskState state);
  // Also keeps lost_count right.
  void SetLost(uint32_t index, bool lost);

  v1::JobState state() const;
  bool final() const { return unfinished_ == 0; }
  absl::Time ended_at() const { return ended_at_; }
  void set_ended_at(absl::Time time) { ended_at_ = time; }

  v1::TargetProof ProofOf(uint32_t task);
  // Frees what only unfinished jobs need.
  void ReleaseTree() { tree_.reset(); }

  // Why what has not started never will: "--max-failures 3 was reached".
  std::string SkipReason() const;

  v1::AttemptKey KeyOf(uint32_t task) const;
  // With or without the folded list of targets.
  v1::Job Describe(bool with_targets) const;
  // `last_seen`: of a PENDING task's target while that is offline.
  v1::TaskStatus DescribeTask(uint32_t index, absl::Time last_seen) const;
  storage::v1::JournaledOutcome OutcomeOf(uint32_t task) const;

  Rollout rollout;
  bool held = false;
  bool stopping = false;
  // Its canary was approved of.
  bool approved = false;
  bool remove_when_final = false;
  // False until it is in the journal: nobody sees it before.
  bool committed = false;
  // In the core's list of jobs to look at.
  bool dispatch_due = false;
  // Earliest entries of its rollout in the timers and in those of its starts;
  // unknown: none.
  CompactTime timer_at;
  CompactTime start_timer_at;

 private:
  const uint64_t number_;
  const JobRequest request_;
  std::shared_ptr<const MerkleTree> tree_;
  std::vector<Task> tasks_;
  StateCounts counts_;
  uint32_t unfinished_;
  uint32_t lost_count_ = 0;
  absl::Time ended_at_ = absl::InfinitePast();
};

}  // namespace tutti::controller

#endif  // CONTROLLER_JOBS_JOB_H_
