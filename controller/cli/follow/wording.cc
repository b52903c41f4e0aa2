#include "controller/cli/follow/wording.h"

#include <signal.h>
#include <string.h>

#include <algorithm>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "controller/cli/terminal.h"

namespace tutti::cli {
namespace {

std::string WithoutPrefix(std::string_view name, std::string_view prefix) {
  if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  return std::string(name);
}

std::string SignalText(int signal) {
  const char* name = sigabbrev_np(signal);
  if (name == nullptr) return fmt::format("signal {}", signal);
  return fmt::format("signal {} ({})", signal, name);
}

bool NeedsNoQuotes(char c) {
  constexpr std::string_view kOthers = "@%+=:,./_-";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || kOthers.find(c) != kOthers.npos;
}

}  // namespace

std::string StateName(v1::TaskState state) {
  return WithoutPrefix(v1::TaskState_Name(state), "TASK_STATE_");
}

std::string StateName(v1::JobState state) {
  return WithoutPrefix(v1::JobState_Name(state), "JOB_STATE_");
}

std::string StateWords(v1::TaskState state) {
  std::string words = StateName(state);
  for (char& c : words) {
    c = c == '_' ? ' ' : static_cast<char>(c | 0x20);
  }
  return words;
}

std::string RoundDuration(absl::Duration duration) {
  duration = std::max(duration, absl::ZeroDuration());
  if (duration < absl::Minutes(2)) {
    return fmt::format("{} s", duration / absl::Seconds(1));
  }
  if (duration < absl::Hours(2)) {
    return fmt::format("{} min", duration / absl::Minutes(1));
  }
  if (duration < absl::Hours(48)) {
    return fmt::format("{} h", duration / absl::Hours(1));
  }
  return fmt::format("{} d", duration / absl::Hours(24));
}

std::string Counted(uint64_t number, std::string_view singular) {
  return fmt::format("{} {}{}", number, singular, number == 1 ? "" : "s");
}

std::string LastSeen(absl::Time last_seen, absl::Time now) {
  if (last_seen == absl::InfinitePast()) return "never seen";
  return fmt::format("last seen {} ago", RoundDuration(now - last_seen));
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

std::string ShellQuote(std::string_view argument) {
  if (!argument.empty() &&
      std::all_of(argument.begin(), argument.end(), NeedsNoQuotes)) {
    return std::string(argument);
  }
  std::string quoted = "'";
  for (const char c : argument) {
    if (c == '\'') {
      quoted += "'\\''";
    } else if (c == '\n') {
      quoted += "^J";
    } else {
      quoted += c;
    }
  }
  return Sanitize(quoted + "'");
}

}  // namespace tutti::cli
