// Jobs and tasks in words and in JSON.
#ifndef CONTROLLER_CLI_JOB_DESCRIPTION_H_
#define CONTROLLER_CLI_JOB_DESCRIPTION_H_

#include <string>

#include "absl/time/time.h"
#include "controller/cli/output.h"
#include "controller/cli/terminal.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::cli {

// "RUNNING (held)".
std::string StateText(const v1::Job& job);
Style StyleOf(v1::JobState state);
Style StyleOf(v1::TaskState state);

// "37 completed, 3 failed, 2 running"
std::string CountsText(const v1::TaskCounts& counts);
// {"COMPLETED": 37, "FAILED": 3}
Json CountsToJson(const v1::TaskCounts& counts);

// How long it ran, or runs by now; empty when it did not start.
std::string TookText(absl::Time started, absl::Time ended, absl::Time now);

// "01890a5d-ac96-774b-bcce-b302099a8057"
std::string UuidText(const v1::Job& job);

// Everything about a job but its tasks.
Json JobToJson(const v1::Job& job);
Json AttemptToJson(const v1::JobAttempt& attempt);
Json TaskToJson(const std::string& target, const v1::TaskStatus& task);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_JOB_DESCRIPTION_H_
