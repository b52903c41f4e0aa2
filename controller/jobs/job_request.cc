#include "controller/jobs/job_request.h"

#include <utility>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/jobs/work_summary.h"
#include "common/signing/work_digest.h"
#include "common/targets/node_set.h"

namespace tutti::controller {
namespace {

// What was signed, and in whose delegation.
struct SignedWork {
  v1::JobSpec spec;
  std::optional<Uuid> delegating_job;
};

absl::StatusOr<SignedWork> WorkOf(const storage::v1::JournaledJob& stored) {
  const absl::Status damaged =
      DataLoss("its envelope is damaged; restore the journal from a copy");
  v1::Envelope envelope;
  SignedWork work;
  if (!envelope.ParseFromString(stored.envelope()) ||
      !work.spec.ParseFromString(envelope.spec())) {
    return damaged;
  }
  if (envelope.signatures().empty() ||
      !envelope.signatures(0).has_delegation()) {
    return work;
  }
  v1::Delegation delegation;
  if (!delegation.ParseFromString(
          envelope.signatures(0).delegation().delegation())) {
    return damaged;
  }
  const auto job = Uuid::FromBytes(delegation.job_uuid());
  if (!job.ok()) return damaged;
  work.delegating_job = *job;
  return work;
}

absl::StatusOr<AttemptRequest> AttemptOf(
    const storage::v1::JournaledJob& stored, const SignedWork& work) {
  AttemptRequest attempt;
  DescribeSpec(work.spec, attempt);
  attempt.delegating_job = work.delegating_job;
  TUTTI_ASSIGN_OR_RETURN(attempt.targets, ExpandNames(stored.targets()));
  if (attempt.targets.size() != work.spec.target_count()) {
    return DataLoss(
        "its list of targets is damaged; restore the journal from a copy");
  }
  attempt.envelope = std::make_shared<const std::string>(stored.envelope());
  attempt.folded_targets = stored.targets();
  attempt.operator_name = stored.operator_();
  attempt.settings = LoadSettings(stored);
  attempt.offline_at_start.assign(stored.offline_at_start().begin(),
                                  stored.offline_at_start().end());
  attempt.offline = stored.offline();
  attempt.offline_wait = ToDuration(stored.offline_wait());
  attempt.started_at = ToTime(stored.started_at());
  return attempt;
}

}  // namespace

void DescribeSpec(const v1::JobSpec& spec, AttemptRequest& attempt) {
  attempt.number = spec.attempt();
  attempt.expires_at = ToTime(spec.expires_at());
  attempt.has_secrets = spec.secrets_size() > 0;
}

void DescribeSpec(const v1::JobSpec& spec, JobRequest& request) {
  request.job.kind = KindName(spec);
  request.job.summary = WorkSummary(spec);
  request.job.work_digest = WorkDigest(spec);
  request.job.user = spec.user();
  request.job.no_keep = spec.no_keep();
  request.job.paced = spec.has_fetch() && spec.no_keep();
  request.job.target_expression = spec.target_expression();
  request.job.has_condition = spec.has_condition();
  request.job.takes_input = spec.input().has_stream();
  request.job.content_digest = spec.copy().manifest_digest();
  DescribeSpec(spec, request.first);
}

absl::StatusOr<JobRequest> RequestOf(const storage::v1::JournaledJob& stored) {
  TUTTI_ASSIGN_OR_RETURN(const SignedWork work, WorkOf(stored));
  JobRequest request;
  TUTTI_ASSIGN_OR_RETURN(request.first, AttemptOf(stored, work));
  TUTTI_ASSIGN_OR_RETURN(request.job.uuid,
                         Uuid::FromBytes(work.spec.job_uuid()));
  DescribeSpec(work.spec, request);
  request.job.name = stored.name();
  request.job.supersede = stored.supersede();
  if (stored.has_drop_slow_after()) {
    request.job.drop_slow_after = ToDuration(stored.drop_slow_after());
  }
  request.job.parameters = stored.parameters();
  return request;
}

absl::StatusOr<AttemptRequest> RetryOf(
    const storage::v1::JournaledJob& stored) {
  TUTTI_ASSIGN_OR_RETURN(const SignedWork work, WorkOf(stored));
  return AttemptOf(stored, work);
}

storage::v1::JournaledJob ToJournal(const AttemptRequest& attempt) {
  storage::v1::JournaledJob stored;
  stored.set_envelope(*attempt.envelope);
  stored.set_operator_(attempt.operator_name);
  stored.set_targets(attempt.folded_targets);
  StoreSettings(attempt.settings, stored);
  stored.mutable_offline_at_start()->Assign(attempt.offline_at_start.begin(),
                                            attempt.offline_at_start.end());
  stored.set_offline(attempt.offline);
  *stored.mutable_offline_wait() = tutti::ToProto(attempt.offline_wait);
  *stored.mutable_started_at() = tutti::ToProto(attempt.started_at);
  return stored;
}

}  // namespace tutti::controller
