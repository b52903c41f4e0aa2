// Whether an attempt would start: AttemptRunner without the table.
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "agent/runner/server/attempt_runner.h"
#include "common/base/errors.h"
#include "common/base/log.h"

namespace tutti::runner {

void AttemptRunner::Check(const v1::StartAttempt& start) {
  // The agent asks the next runner.
  if (shutting_down_) return;
  const tutti::v1::AttemptKey& key = start.key();
  absl::StatusOr<VerifiedAttempt> verified = verifier_.VerifyQuestion(
      start.envelope(), start.proof(), key, start.parameters());
  if (!verified.ok()) return AnswerCheck(key, verified.status());
  const UserQuery user = ChooseUser(verified->spec, options_.launch);
  users_->Find(user, clock_.Now(),
               [this, key, spec = std::move(verified->spec),
                variables = std::move(verified->variables)](
                   const absl::StatusOr<User>& found) {
                 AnswerCheck(key, Plan(spec, key, found, variables).status());
               });
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

absl::StatusOr<Launch> AttemptRunner::Plan(
    const tutti::v1::JobSpec& spec, const tutti::v1::AttemptKey& key,
    const absl::StatusOr<User>& user,
    const std::map<std::string, std::string>& variables) const {
  if (!user.ok()) return user.status();
  absl::StatusOr<Launch> launch =
      PlanLaunch(spec, key, options_.launch, *user, variables);
  if (!launch.ok()) return launch;
  if (absl::Status fits = launcher_->FitLimits(*launch); !fits.ok()) {
    return fits;
  }
  return launch;
}

}  // namespace tutti::runner
