#include "agent/runner/core/attempt.h"

#include <algorithm>
#include <optional>

#include "common/base/duration.h"

namespace tutti::runner {
namespace {

constexpr absl::Duration kDefaultGrace = absl::Seconds(10);

}  // namespace

absl::Duration EarliestDeadline(const Attempt& attempt) {
  absl::Duration earliest = absl::InfiniteDuration();
  for (const std::optional<absl::Duration>& deadline :
       {attempt.announce_at, attempt.publish_at, attempt.time_out_at,
        attempt.kill_at, attempt.give_up_at, attempt.answer_by}) {
    if (deadline.has_value()) earliest = std::min(earliest, *deadline);
  }
  return earliest;
}

absl::Duration GraceOf(const Attempt& attempt) {
  return attempt.spec.has_grace() ? ToDuration(attempt.spec.grace())
                                  : kDefaultGrace;
}

absl::Duration LimitOf(const Attempt& attempt) {
  return attempt.spec.has_timeout() ? ToDuration(attempt.spec.timeout())
                                    : absl::InfiniteDuration();
}

}  // namespace tutti::runner
