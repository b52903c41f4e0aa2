// Who is slow, and why.
#ifndef CONTROLLER_CLI_FOLLOW_WAITING_LINE_H_
#define CONTROLLER_CLI_FOLLOW_WAITING_LINE_H_

#include <string>

#include "absl/time/time.h"
#include "controller/cli/follow/followed_job.h"

namespace tutti::cli {

struct WaitingTimes {
  absl::Time now;
  // Nothing can run longer than this: for a job that the CLI itself started,
  // so that a target's wrong clock shows no nonsense.
  absl::Duration longest = absl::InfiniteDuration();
};

// "waiting for web[07,09] (link lost 12 s ago), db3 (running 41 s) and 4
// others": what is hardest to expect first, then what takes longest. Empty
// where nothing is open. Names fewer where that takes more than `width`
// columns, and the beginning of many names with their number.
std::string WaitingLine(const FollowedJob& job, const WaitingTimes& times,
                        int width);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_WAITING_LINE_H_
