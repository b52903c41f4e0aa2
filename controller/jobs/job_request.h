// What operators asked for.
#ifndef CONTROLLER_JOBS_JOB_REQUEST_H_
#define CONTROLLER_JOBS_JOB_REQUEST_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/duration.h"
#include "common/base/uuid.h"
#include "common/signing/target_parameters.h"
#include "controller/rollout/rollout_options.h"
#include "tutti/storage/v1/journal.pb.h"
#include "tutti/v1/envelope.pb.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::controller {

// When a job does not say otherwise.
inline constexpr absl::Duration kDefaultLostAfter = absl::Minutes(10);

// How an attempt goes on, as far as that may be changed.
struct AttemptSettings {
  // But for the seed.
  RolloutOptions rollout;
  absl::Duration lost_after = kDefaultLostAfter;
  // When all of it has to be over; infinite: whenever.
  absl::Time deadline_at = absl::InfiniteFuture();
};

// One signed request to run a job: the first one on all of its targets, a retry
// on some of them. Constant.
struct AttemptRequest {
  // Counts up within the job, from 1.
  uint32_t number = 1;
  std::string operator_name;
  // The job in whose delegation it was signed; absent: none.
  std::optional<Uuid> delegating_job;
  absl::Time expires_at;
  absl::Time started_at;
  // At the start.
  AttemptSettings settings;
  // Of targets that were offline then: indices into the job's frozen list.
  // Empty where it does not matter.
  std::vector<uint32_t> offline_at_start;
  v1::OfflinePolicy offline = v1::OFFLINE_POLICY_FAIL;
  // With OFFLINE_POLICY_WAIT; zero: until the spec expires.
  absl::Duration offline_wait;
  // Serialised; shared with the assignments that are being sent.
  std::shared_ptr<const std::string> envelope;
  // Its tasks need values that are kept in memory only.
  bool has_secrets = false;
  // Sorted bytewise, unique, and the same folded.
  std::vector<std::string> targets;
  std::string folded_targets;
};

// What all attempts of a job have in common. Constant.
struct JobDescription {
  Uuid uuid;
  std::string name;
  std::string kind;
  std::string summary;
  // See WorkDigest.
  std::string work_digest;
  std::string user;
  std::string target_expression;
  // A newer job with this key skips what has not started; empty: none does.
  std::string supersede;
  // Its targets are asked a condition before they start.
  bool has_condition = false;
  // An operator feeds standard input.
  bool takes_input = false;
  // Of a copy: the digest of its manifest. Empty: it is none.
  std::string content_digest;
  // Who holds up the input of the others for so long is left behind.
  absl::Duration drop_slow_after = absl::InfiniteDuration();
  // In order of the targets.
  ParameterList parameters;
  // Output goes once every reader has it.
  bool no_keep = false;
  // And comes no faster than that.
  bool paced = false;
};

struct JobRequest {
  JobDescription job;
  AttemptRequest first;
};

// Settings in a row of the journal: of an attempt as it was asked for
// (JournaledJob), or as it was changed (JournaledSteering.Settings); and as
// operators see them (v1::JobAttempt).
template <typename Stored>
void StoreSettings(const AttemptSettings& settings, Stored& stored) {
  stored.set_fanout(settings.rollout.fanout);
  *stored.mutable_rollout() = ToRolloutProto(settings.rollout);
  *stored.mutable_lost_after() = tutti::ToProto(settings.lost_after);
  if (settings.deadline_at != absl::InfiniteFuture()) {
    *stored.mutable_deadline_at() = tutti::ToProto(settings.deadline_at);
  }
}
template <typename Stored>
AttemptSettings LoadSettings(const Stored& stored) {
  AttemptSettings settings;
  settings.rollout = ToRolloutOptions(stored.fanout(), stored.rollout());
  if (stored.has_lost_after()) {
    settings.lost_after = ToDuration(stored.lost_after());
  }
  if (stored.has_deadline_at()) {
    settings.deadline_at = ToTime(stored.deadline_at());
  }
  return settings;
}

// What the signed spec says of an attempt.
void DescribeSpec(const v1::JobSpec& spec, AttemptRequest& attempt);
// The same of a job, and of its first attempt.
void DescribeSpec(const v1::JobSpec& spec, JobRequest& request);

// The request behind a row of the journal. DATA_LOSS names what can not be
// read and the remedy.
absl::StatusOr<JobRequest> RequestOf(const storage::v1::JournaledJob& stored);
absl::StatusOr<AttemptRequest> RetryOf(const storage::v1::JournaledJob& stored);
// Of a retry; the first attempt's row has the job's name as well.
storage::v1::JournaledJob ToJournal(const AttemptRequest& attempt);

}  // namespace tutti::controller

#endif  // CONTROLLER_JOBS_JOB_REQUEST_H_
