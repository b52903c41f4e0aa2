// How the CLI ends; docs/cli.md has the table for users.
#ifndef CONTROLLER_CLI_EXIT_STATUS_H_
#define CONTROLLER_CLI_EXIT_STATUS_H_

#include "absl/status/status.h"

namespace tutti::cli {

// Where several apply, the first of this order is taken: 6, 2, 130, 7, 5, 4,
// 3, 1, 0.
inline constexpr int kExitOk = 0;
// Some target FAILED.
inline constexpr int kExitFailed = 1;
// Wrong usage or bad input: nothing was started.
inline constexpr int kExitUsage = 2;
// Some target TIMED_OUT, STOPPED or SKIPPED.
inline constexpr int kExitStopped = 3;
// Some target did not run it: REFUSED, NOT_STARTED, EXPIRED.
inline constexpr int kExitNotRun = 4;
// Some outcome is UNKNOWN.
inline constexpr int kExitUnknown = 5;
// The controller can't be reached or refuses the caller: nothing was started.
inline constexpr int kExitUnreachable = 6;
// The job goes on without us.
inline constexpr int kExitGoesOn = 7;
// With --largest-status, added to the class when a class other than 0 and 1
// occurred.
inline constexpr int kLargestStatusBase = 240;
// Stopped by Ctrl-C.
inline constexpr int kExitInterrupted = 130;

// Marks an error with the status the program shall end with.
absl::Status WithExitStatus(absl::Status error, int exit_status);

// The mark of WithExitStatus; without one kExitUnreachable for UNAVAILABLE,
// DEADLINE_EXCEEDED and UNAUTHENTICATED, kExitUsage for every other error and
// kExitOk for OK.
int ExitStatusOf(const absl::Status& status);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_EXIT_STATUS_H_
