// Words that several texts about a job share.
#ifndef CONTROLLER_CLI_FOLLOW_WORDING_H_
#define CONTROLLER_CLI_FOLLOW_WORDING_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::cli {

// "TIMED_OUT": the name in JSON and in the documentation.
// "timed out": the name in running text.
std::string StateWords(v1::TaskState state);

// "38 completed, 1 failed, 2 running": what has ended first, as it only grows.
// States that nobody is in are left out.
std::string CountsText(const std::map<v1::TaskState, uint64_t>& counts);

// "1 target", "3 targets".
std::string Counted(uint64_t number, std::string_view singular);

// Why a task ended as it did, beyond its state: "exit 3", "signal 9 (KILL)",
// the runner's reason. Empty for COMPLETED.
std::string Reason(const v1::TaskStatus& task);
// The same, and for a task that has not ended why it has not: "offline, last
// seen 3 d ago", "link lost 12 s ago".
std::string ReasonNow(const v1::TaskStatus& task, absl::Time now);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_WORDING_H_
