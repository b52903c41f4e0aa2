// One attempt of a job: the first one, or a retry of some of its tasks.
#ifndef CONTROLLER_JOBS_JOB_ATTEMPT_H_
#define CONTROLLER_JOBS_JOB_ATTEMPT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/uuid.h"
#include "common/signing/merkle_tree.h"
#include "controller/jobs/job_request.h"
#include "controller/rollout/rollout.h"

namespace tutti::controller {

// Its request, its rollout, and what operators asked of it since. Not
// thread-safe.
class JobAttempt {
 public:
  // The rollout knows tasks by their index in the frozen list of `tasks`
  // targets, also in a retry of a few. `tree` may be null: it is made when it
  // is needed.
  JobAttempt(AttemptRequest request, const Uuid& job, uint32_t tasks,
             std::shared_ptr<const MerkleTree> tree);
  JobAttempt(const JobAttempt&) = delete;
  JobAttempt& operator=(const JobAttempt&) = delete;

  const AttemptRequest& request() const { return request_; }
  uint32_t number() const { return request_.number; }

  // That `target`, one of its own, is in the signed tree.
  v1::TargetProof ProofOf(std::string_view target);
  // Frees what only unfinished attempts need.
  void ReleaseTree() { tree_.reset(); }

  // Why what has not started never will: "--max-failures 3 was reached".
  std::string SkipReason() const;

  Rollout rollout;
  bool stopping = false;
  // Its canary was approved of.
  bool approved = false;
  // Tasks that are not final in it; kept by the job.
  uint32_t unfinished = 0;

 private:
  const AttemptRequest request_;
  std::shared_ptr<const MerkleTree> tree_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_JOBS_JOB_ATTEMPT_H_
