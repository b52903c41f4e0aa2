// The live line: how far a job is, and who is slow.
#ifndef CONTROLLER_CLI_FOLLOW_PROGRESS_LINE_H_
#define CONTROLLER_CLI_FOLLOW_PROGRESS_LINE_H_

#include <string>

#include "absl/time/time.h"
#include "controller/cli/follow/followed_job.h"

namespace tutti::cli {

struct ProgressTimes {
  absl::Time now;
  // How long the CLI has been following.
  absl::Duration following;
  // Nothing can run longer than this: for a job that the CLI itself started,
  // so that a target's wrong clock shows no nonsense.
  absl::Duration longest = absl::InfiniteDuration();
};

// "job 17 · 12 s · 38 completed, 1 failed, 2 running"; after 10 s also " ·
// waiting for web07 (link lost 12 s ago), db3 (running 41 s) and 4 others", the
// slowest first. Names fewer of them where that takes more than `width`
// columns.
std::string ProgressLine(const FollowedJob& job, const ProgressTimes& times,
                         int width);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_PROGRESS_LINE_H_
