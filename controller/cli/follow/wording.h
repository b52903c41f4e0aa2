// Words that several texts about a job share.
#ifndef CONTROLLER_CLI_FOLLOW_WORDING_H_
#define CONTROLLER_CLI_FOLLOW_WORDING_H_

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::cli {

// "TIMED_OUT": the name in JSON and in the documentation.
std::string StateName(v1::TaskState state);
std::string StateName(v1::JobState state);
// "timed out": the name in running text.
std::string StateWords(v1::TaskState state);

// The largest unit alone: "41 s", "10 min", "5 h", "3 d"; it changes to the
// next one at two of them.
std::string RoundDuration(absl::Duration duration);

// "1 target", "3 targets".
std::string Counted(uint64_t number, std::string_view singular);

// "last seen 3 d ago"; "never seen" for absl::InfinitePast.
std::string LastSeen(absl::Time last_seen, absl::Time now);

// Why a task ended as it did, beyond its state: "exit 3", "signal 9 (KILL)",
// the runner's reason. Empty for COMPLETED.
std::string Reason(const v1::TaskStatus& task);

// Quoted for a shell where it must be, harmless for a terminal.
std::string ShellQuote(std::string_view argument);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_WORDING_H_
