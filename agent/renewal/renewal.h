// Keeping the agent's certificate valid.
#ifndef AGENT_RENEWAL_RENEWAL_H_
#define AGENT_RENEWAL_RENEWAL_H_

#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/renewal/background.h"
#include "agent/session/backoff.h"
#include "common/base/clock.h"
#include "common/base/executor.h"

namespace tutti::agent {

// Renews when two thirds of the certificate's life are over, and tries again
// until that has worked. On the executor's thread; destroy it after the
// executor has ended.
class Renewal {
 public:
  // Makes a renewal that blocks, to be run on another thread; the result is
  // when to renew next. Null when there is no connection to renew over.
  using Work = absl::AnyInvocable<absl::StatusOr<absl::Time>()>;
  using Prepare = absl::AnyInvocable<Work()>;

  Renewal(const Clock& clock, Executor& executor, Prepare prepare);

  void Start(absl::Time renew_at);
  bool busy() const { return background_.busy(); }

 private:
  void Schedule(absl::Duration delay);
  void Check();
  void OnRenewed(const absl::StatusOr<absl::Time>& renew_at);

  const Clock& clock_;
  Executor& executor_;
  Prepare prepare_;
  Backoff backoff_;
  absl::Time renew_at_;
  Background background_;
};

}  // namespace tutti::agent

#endif  // AGENT_RENEWAL_RENEWAL_H_
