#include "agent/renewal/renewal.h"

#include <algorithm>
#include <random>
#include <utility>

#include "common/base/errors.h"
#include "common/base/log.h"

namespace tutti::agent {
namespace {

// The wall clock may jump and the host may sleep, so one long timer will not
// do.
constexpr absl::Duration kCheckEvery = absl::Minutes(1);
constexpr absl::Duration kFirstRetry = absl::Milliseconds(500);
constexpr absl::Duration kLongestRetry = absl::Minutes(5);

}  // namespace

Renewal::Renewal(const Clock& clock, Executor& executor, Prepare prepare)
    : clock_(clock),
      executor_(executor),
      prepare_(std::move(prepare)),
      backoff_(kFirstRetry, kLongestRetry, std::random_device()()) {}

void Renewal::Start(absl::Time renew_at) {
  renew_at_ = renew_at;
  Schedule(renew_at_ - clock_.Now());
}

void Renewal::Schedule(absl::Duration delay) {
  executor_.PostAfter(std::clamp(delay, absl::ZeroDuration(), kCheckEvery),
                      [this] { Check(); });
}

void Renewal::Check() {
  const absl::Duration left = renew_at_ - clock_.Now();
  if (left > absl::ZeroDuration()) {
    Schedule(left);
    return;
  }
  Work work = prepare_();
  if (work == nullptr) {
    Schedule(backoff_.Next());
    return;
  }
  background_.Start([this, work = std::move(work)]() mutable {
    executor_.Post([this, result = work()] { OnRenewed(result); });
  });
}

void Renewal::OnRenewed(const absl::StatusOr<absl::Time>& renew_at) {
  if (!renew_at.ok()) {
    log::Warning("cannot renew this agent's certificate: {}; trying again",
                 TextOf(renew_at.status()));
    Schedule(std::max(backoff_.Next(), kFirstRetry / 2));
    return;
  }
  backoff_.Reset();
  log::Info("renewed this agent's certificate; the next renewal is due {}",
            absl::FormatTime(*renew_at, absl::UTCTimeZone()));
  renew_at_ = *renew_at;
  Schedule(renew_at_ - clock_.Now());
}

}  // namespace tutti::agent
