#include "common/relay/attempt.h"

#include <algorithm>
#include <string>

#include "common/records/record_log.h"

namespace tutti::relay {
namespace {

// What the controller grants before it granted anything.
constexpr uint64_t kInitialCredit = 1 << 20;

}  // namespace

bool HasOutput(const Attempt& attempt) {
  return attempt.end_position > kLogHeaderBytes;
}

uint64_t FirstPosition(const Attempt& attempt) {
  return std::max(
      {kLogHeaderBytes, attempt.start_position, attempt.lost_before});
}

uint64_t SendFrom(const Attempt& attempt) {
  return std::max(attempt.sent, FirstPosition(attempt));
}

uint64_t Unsent(const Attempt& attempt) {
  const uint64_t from = SendFrom(attempt);
  return attempt.end_position > from ? attempt.end_position - from : 0;
}

bool InFlight(const Attempt& attempt) {
  return attempt.sent > attempt.acknowledged;
}

uint64_t BulkLimit(const Attempt& attempt) {
  const uint64_t first = FirstPosition(attempt);
  // What was dropped on the target takes none of the credit. What was trimmed
  // because it was acknowledged was not dropped.
  const bool skips = first >= attempt.credit && first > attempt.acknowledged &&
                     !InFlight(attempt);
  if (attempt.credit != 0 && !skips) return attempt.credit;
  return std::max(attempt.acknowledged, first) + kInitialCredit;
}

}  // namespace tutti::relay
