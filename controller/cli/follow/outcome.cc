#include "controller/cli/follow/outcome.h"

#include <algorithm>
#include <charconv>

#include "common/base/errors.h"
#include "controller/cli/exit_status.h"

namespace tutti::cli {
namespace {

// A shell's way to give a signal as an exit status.
constexpr int kSignalBase = 128;

// Class of one final state, without regard to the others.
int ClassOf(v1::TaskState state) {
  switch (state) {
    case v1::TASK_STATE_COMPLETED:
      return kExitOk;
    case v1::TASK_STATE_FAILED:
      return kExitFailed;
    case v1::TASK_STATE_TIMED_OUT:
    case v1::TASK_STATE_STOPPED:
    case v1::TASK_STATE_SKIPPED:
      return kExitStopped;
    case v1::TASK_STATE_REFUSED:
    case v1::TASK_STATE_NOT_STARTED:
    case v1::TASK_STATE_EXPIRED:
      return kExitNotRun;
    case v1::TASK_STATE_UNKNOWN:
      return kExitUnknown;
    default:
      return kExitGoesOn;
  }
}

int ExitStatusOfTask(const v1::TaskStatus& task) {
  const v1::Outcome& outcome = task.attempt().outcome();
  if (outcome.end_case() == v1::Outcome::kSignal) {
    return kSignalBase + outcome.signal();
  }
  return outcome.exit_status();
}

// The numbers of the table's classes happen to be in its order.
struct Tally {
  int worst = kExitOk;
  int largest_status = 0;
  size_t counted = 0;
  size_t completed = 0;
};

Tally Count(const std::vector<v1::TaskStatus>& tasks, bool offline_ok) {
  Tally tally;
  for (const v1::TaskStatus& task : tasks) {
    const v1::TaskState state = task.attempt().state();
    if (offline_ok && state == v1::TASK_STATE_EXPIRED) continue;
    if (task.attempt().outcome().unmatched()) continue;
    ++tally.counted;
    if (state == v1::TASK_STATE_COMPLETED) ++tally.completed;
    tally.worst = std::max(tally.worst, ClassOf(state));
    tally.largest_status =
        std::max(tally.largest_status, ExitStatusOfTask(task));
  }
  return tally;
}

bool IsEnough(const Tally& tally, const OutcomeOptions& options) {
  return options.min_success.has_value() &&
         static_cast<double>(tally.completed) * 100 >=
             *options.min_success * static_cast<double>(tally.counted);
}

}  // namespace

int JobExitStatus(const std::vector<v1::TaskStatus>& tasks,
                  const OutcomeOptions& options) {
  if (options.interrupted) return kExitInterrupted;
  const Tally tally = Count(tasks, options.offline_ok);
  int status = tally.worst;
  if (options.left) status = kExitGoesOn;
  if (status != kExitGoesOn && IsEnough(tally, options)) status = kExitOk;
  if (!options.largest_status) return status;
  if (status == kExitOk || status == kExitFailed) return tally.largest_status;
  return WithLargestStatus(status, true);
}

int WorseStatus(int a, int b) {
  if (a == kExitInterrupted || b == kExitInterrupted) return kExitInterrupted;
  return std::max(a, b);
}

int WithLargestStatus(int exit_status, bool largest_status) {
  if (!largest_status || exit_status == kExitInterrupted) return exit_status;
  return kLargestStatusBase + exit_status;
}

absl::StatusOr<double> ParseMinSuccess(std::string_view text) {
  const std::string_view number =
      text.ends_with('%') ? text.substr(0, text.size() - 1) : text;
  double percent = 0;
  const auto [end, error] =
      std::from_chars(number.data(), number.data() + number.size(), percent,
                      std::chars_format::fixed);
  if (error != std::errc() || end != number.data() + number.size() ||
      !(percent >= 0 && percent <= 100)) {
    return InvalidArgument(
        "--min-success: '{}' is not a percentage; write one from 0% to 100%, "
        "as in 95%",
        text);
  }
  return percent;
}

}  // namespace tutti::cli
