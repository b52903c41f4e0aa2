// Whether an attempt would start: AttemptRunner without the table.
#include <memory>
#include <string>
#include <utility>

#include "agent/runner/server/attempt_runner.h"
#include "common/base/errors.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace tutti::runner {

void AttemptRunner::Check(const v1::StartAttempt& start) {
  // The agent asks the next runner.
  if (shutting_down_) return;
  const tutti::v1::AttemptKey& key = start.key();
  absl::StatusOr<VerifiedAttempt> verified = verifier_.VerifyQuestion(
      start.envelope(), start.proof(), key, start.parameters());
  if (!verified.ok()) return AnswerCheck(key, verified.status());
  const absl::StatusOr<Planned> planned = PlanKind(*verified);
  if (!planned.ok()) return AnswerCheck(key, planned.status());
  users_->Find(planned->user, clock_.Now(),
               [this, key, spec = std::move(verified->spec),
                work = planned->work](const absl::StatusOr<User>& found) {
                 AnswerCheck(key, Plan(spec, key, found, work).status());
               });
}

absl::StatusOr<AttemptRunner::Planned> AttemptRunner::PlanKind(
    VerifiedAttempt& verified) const {
  Planned planned;
  TUTTI_ASSIGN_OR_RETURN(
      planned.work,
      PlanWork({verified.spec, verified.secrets}, options_.kinds));
  planned.work.environment.merge(verified.variables);
  planned.user = ChooseUser(verified.spec, options_.launch);
  return planned;
}

void AttemptRunner::AnswerCheck(const tutti::v1::AttemptKey& key,
                                const absl::Status& answer) {
  tutti::v1::AttemptVerdict verdict;
  *verdict.mutable_key() = key;
  if (!answer.ok()) {
    log::Warning("would refuse: {}", TextOf(answer));
    verdict.set_refusal(std::string(TextOf(answer)));
  }
  options_.on_verdict(verdict);
}

absl::StatusOr<Launch> AttemptRunner::Plan(const tutti::v1::JobSpec& spec,
                                           const tutti::v1::AttemptKey& key,
                                           const absl::StatusOr<User>& user,
                                           JobWork work) const {
  if (!user.ok()) return user.status();
  absl::StatusOr<Launch> launch =
      PlanLaunch(spec, key, options_.launch, *user, std::move(work));
  if (!launch.ok()) return launch;
  if (absl::Status fits = launcher_->FitLimits(*launch); !fits.ok()) {
    return fits;
  }
  return launch;
}

}  // namespace tutti::runner
