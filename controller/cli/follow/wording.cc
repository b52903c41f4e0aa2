#include "controller/cli/follow/wording.h"

#include <signal.h>
#include <string.h>

#include <algorithm>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/jobs/states.h"
#include "controller/cli/follow/outcome.h"
#include "controller/cli/terminal.h"

namespace tutti::cli {
namespace {

std::string SignalText(int signal) {
  const char* name = sigabbrev_np(signal);
  if (name == nullptr) return fmt::format("signal {}", signal);
  return fmt::format("signal {} ({})", signal, name);
}

}  // namespace

std::string StateWords(v1::TaskState state) {
  std::string words = StateName(state);
  for (char& c : words) {
    c = c == '_' ? ' ' : static_cast<char>(c | 0x20);
  }
  return words;
}

std::string CountsText(const std::map<v1::TaskState, uint64_t>& counts) {
  std::string ended;
  std::string open;
  for (const auto& [state, count] : counts) {
    if (count == 0) continue;
    const std::string text = fmt::format("{} {}", count, StateWords(state));
    if (IsFinal(state)) {
      ended += (ended.empty() ? "" : ", ") + text;
    } else {
      // The nearer to its end the earlier; the numbers ascend towards it.
      open = text + (open.empty() ? "" : ", ") + open;
    }
  }
  return ended + (ended.empty() || open.empty() ? "" : ", ") + open;
}

std::string Counted(uint64_t number, std::string_view singular) {
  return fmt::format("{} {}{}", number, singular, number == 1 ? "" : "s");
}

std::string Reason(const v1::TaskStatus& task) {
  const v1::Outcome& outcome = task.attempt().outcome();
  if (!outcome.reason().empty()) return Sanitize(outcome.reason());
  switch (outcome.end_case()) {
    case v1::Outcome::kExitStatus:
      if (outcome.exit_status() == 0) return "";
      return fmt::format("exit {}", outcome.exit_status());
    case v1::Outcome::kSignal:
      // That is how tasks are stopped.
      if (task.attempt().state() == v1::TASK_STATE_STOPPED &&
          outcome.signal() == SIGTERM) {
        return "";
      }
      return SignalText(outcome.signal());
    case v1::Outcome::kStartErrno:
      return ErrnoText(outcome.start_errno());
    case v1::Outcome::END_NOT_SET:
      return "";
  }
  return "";
}

std::string ReasonNow(const v1::TaskStatus& task, absl::Time now) {
  const absl::Time lost_at = ToTime(task.link_lost_at());
  switch (task.attempt().state()) {
    case v1::TASK_STATE_PENDING:
      return task.offline() ? "offline, " + LastSeen(lost_at, now) : "";
    case v1::TASK_STATE_DISCONNECTED: {
      std::string text = "link lost";
      if (lost_at != absl::InfinitePast()) {
        text += fmt::format(" {} ago", RoundDuration(now - lost_at));
      }
      return text + (task.lost() ? ", no longer waited for" : "");
    }
    default:
      return Reason(task);
  }
}

}  // namespace tutti::cli
