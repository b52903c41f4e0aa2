#include "agent/runner/core/process_end.h"

#include <sys/wait.h>

#include <string>
#include <string_view>

#include "common/base/duration.h"
#include "common/jobs/query_exit.h"
#include "common/text/utf8.h"
#include "fmt/format.h"

namespace tutti::runner {
namespace {

tutti::v1::TaskState StateOf(const ProcessEnd& end, EndCause cause) {
  if (end.start_error != 0) return tutti::v1::TASK_STATE_NOT_STARTED;
  switch (cause) {
    case EndCause::kStopped:
    case EndCause::kShutDown:
      return tutti::v1::TASK_STATE_STOPPED;
    case EndCause::kTimedOut:
      return tutti::v1::TASK_STATE_TIMED_OUT;
    case EndCause::kNone:
      break;
  }
  if (end.lost) return tutti::v1::TASK_STATE_UNKNOWN;
  return WIFEXITED(end.wait_status) && WEXITSTATUS(end.wait_status) == 0
             ? tutti::v1::TASK_STATE_COMPLETED
             : tutti::v1::TASK_STATE_FAILED;
}

std::string ReasonOf(const ProcessEnd& end, EndCause cause,
                     absl::Duration limit) {
  if (end.start_error != 0) return end.remark;
  std::string reason;
  if (cause == EndCause::kShutDown) {
    reason = "the runner was shut down";
  } else if (cause == EndCause::kTimedOut) {
    reason = fmt::format("it ran longer than {}", tutti::FormatDuration(limit));
  }
  if (!reason.empty() && !end.remark.empty()) reason += "; ";
  return reason + end.remark;
}

}  // namespace

void SetReason(std::string_view reason, tutti::v1::AttemptStatus& status) {
  status.mutable_outcome()->set_reason(
      tutti::ClipToUtf8(reason, kMaxReasonBytes));
}

void TakeYield(ProcessEnd& end) {
  if (end.start_error != 0 || end.lost || !WIFEXITED(end.wait_status) ||
      WEXITSTATUS(end.wait_status) != kExitYielded) {
    return;
  }
  end.wait_status = 0;
  end.yielded = true;
}

void SetFinalStatus(const ProcessEnd& end, EndCause cause, absl::Duration limit,
                    tutti::v1::AttemptStatus& status) {
  status.set_state(StateOf(end, cause));
  tutti::v1::Outcome& outcome = *status.mutable_outcome();
  if (end.start_error != 0) {
    outcome.set_start_errno(end.start_error);
  } else if (!end.lost && WIFEXITED(end.wait_status)) {
    outcome.set_exit_status(WEXITSTATUS(end.wait_status));
  } else if (!end.lost && WIFSIGNALED(end.wait_status)) {
    outcome.set_signal(WTERMSIG(end.wait_status));
  }
  SetReason(ReasonOf(end, cause, limit), status);
  outcome.set_killed_leftovers(end.killed_leftovers);
  outcome.set_yielded(end.yielded);
  if (end.start_error == 0 && !end.lost) *outcome.mutable_usage() = end.usage;
}

}  // namespace tutti::runner
