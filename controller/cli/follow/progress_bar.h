// How far a job is, as one line that fits.
#ifndef CONTROLLER_CLI_FOLLOW_PROGRESS_BAR_H_
#define CONTROLLER_CLI_FOLLOW_PROGRESS_BAR_H_

#include <cstdint>
#include <map>

#include "absl/time/time.h"
#include "controller/cli/follow/live_line.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::cli {

struct Progress {
  uint64_t job_number = 0;
  v1::JobState state = v1::JOB_STATE_RUNNING;
  // Nothing new is started for the time being.
  bool held = false;
  // Tasks by state.
  std::map<v1::TaskState, uint64_t> counts;
  // How long the CLI has been following.
  absl::Duration elapsed;
  // Tasks that end in a second; 0 where nobody knows.
  double per_second = 0;
};

// "job 17 · 8 s · [██████x▒▒▒░░░░░░] 640/1000 completed · 12 failed · 40
// running · 308 pending · 81/s · 4 s left". Of what takes more than `width`
// columns the least important parts are left out; the first count and the bar
// stay longest.
LiveLine ProgressBar(const Progress& progress, int width);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_PROGRESS_BAR_H_
