// One attempt of a job: the first one, or a retry of some of its tasks.
#ifndef CONTROLLER_JOBS_JOB_ATTEMPT_H_
#define CONTROLLER_JOBS_JOB_ATTEMPT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "common/signing/merkle_tree.h"
#include "common/signing/secrets.h"
#include "controller/jobs/job_request.h"
#include "controller/rollout/rollout.h"
#include "tutti/v1/task.pb.h"

namespace tutti::controller {

// Its request, its rollout, and what operators asked of it since. Not
// thread-safe.
class JobAttempt {
 public:
  // The rollout knows tasks by their index in the frozen list of `tasks`
  // targets, also in a retry of a few. `job` must outlive it. `tree` may be
  // null: it is made when it is needed.
  JobAttempt(AttemptRequest request, const JobDescription& job, uint32_t tasks,
             std::shared_ptr<const MerkleTree> tree);
  ~JobAttempt() { WipeSecrets(); }
  JobAttempt(const JobAttempt&) = delete;
  JobAttempt& operator=(const JobAttempt&) = delete;

  const AttemptRequest& request() const { return request_; }
  uint32_t number() const { return request_.number; }

  // That `target`, one of its own, is in the signed tree.
  v1::TargetProof ProofOf(std::string_view target);
  // What `target` has for itself, serialised; empty: nothing.
  std::string_view ParametersOf(std::string_view target) const {
    return tutti::ParametersOf(job_.parameters, target);
  }
  // Values that its tasks need to start: in memory only, and wiped once none
  // needs them any more.
  void KeepSecrets(SecretList secrets) { secrets_ = std::move(secrets); }
  const SecretList& secrets() const { return secrets_; }
  void WipeSecrets() { Wipe(secrets_); }

  // Frees what only unfinished attempts need.
  void ReleaseTree() { tree_.reset(); }

  // Those of the request until they are changed. `now`: steady.
  const AttemptSettings& settings() const { return settings_; }
  bool changed() const { return changed_; }
  void Change(const AttemptSettings& settings, absl::Time now);

  struct StoppedTask {
    v1::StopRule rule;
    // Why the controller ends it; empty: an operator does.
    std::string reason;
  };

  // Whether a task of it is being ended, or will not start.
  bool IsStopping(uint32_t task) const {
    return stopping || stopped_tasks.contains(task);
  }
  const v1::StopRule& StopRuleOf(uint32_t task) const;
  // Why the controller ends that task; empty: it does not.
  std::string_view StopReasonOf(uint32_t task) const;
  // Why what has not started never will: "--max-failures 3 was reached".
  std::string SkipReason() const;
  // The same of one task, which may have been stopped alone.
  std::string SkipReasonOf(uint32_t task) const;

  Rollout rollout;
  bool stopping = false;
  // What has not started never will, and what runs goes on to its end.
  bool skipping = false;
  // `skipping` because of this newer job; 0: because of an operator.
  uint64_t superseded_by = 0;
  // `skipping` because the controller was restarted.
  bool secrets_lost = false;
  // `stopping` because its deadline has passed.
  bool overdue = false;
  // With `stopping`.
  v1::StopRule stop_rule;
  // Stopped one by one.
  absl::flat_hash_map<uint32_t, StoppedTask> stopped_tasks;
  // Its canary was approved of.
  bool approved = false;
  // Tasks that are not final in it; kept by the job.
  uint32_t unfinished = 0;
  // Those before it need no secrets any more.
  uint32_t first_unstarted = 0;

 private:
  const AttemptRequest request_;
  const JobDescription& job_;
  AttemptSettings settings_;
  bool changed_ = false;
  std::shared_ptr<const MerkleTree> tree_;
  SecretList secrets_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_JOBS_JOB_ATTEMPT_H_
