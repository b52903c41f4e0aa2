// What a terminal shows while a job runs, below the output that stays.
#ifndef CONTROLLER_CLI_FOLLOW_LIVE_VIEW_H_
#define CONTROLLER_CLI_FOLLOW_LIVE_VIEW_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "controller/cli/follow/completion_rate.h"
#include "controller/cli/follow/followed_job.h"
#include "controller/cli/follow/live_region.h"
#include "controller/cli/follow/output_view.h"
#include "controller/cli/terminal.h"

namespace tutti::cli {

struct LiveViewOptions {
  // False: nothing but questions.
  bool progress = true;
  // The CLI itself has just started the job.
  bool just_started = false;
};

// Gathered output as it grows, the bar, who is slow, and a question, from top
// to bottom; never more lines than the window has. Not thread-safe.
class LiveView {
 public:
  struct Moment {
    // By the wall clock, for what targets say of their times.
    absl::Time now;
    absl::Duration following;
  };

  // Appends to `sink`, the text that goes to standard error.
  LiveView(const Terminal& terminal, const LiveViewOptions& options,
           std::string& sink);

  bool drawn() const { return region_.drawn(); }
  // `view` may be null.
  void Draw(const FollowedJob& job, const OutputView* view,
            std::string_view question, const Moment& moment);
  // The same once more, below what was written after Erase.
  void DrawAgain();
  // Before anything else is written to the terminal.
  void Erase();
  // From one drawing to the next, at least: a small part of the time, however
  // many targets there are.
  absl::Duration interval() const { return interval_; }

 private:
  LiveLine Bar(const FollowedJob& job, const Moment& moment, int width);
  std::string_view Waiting(const FollowedJob& job, const Moment& moment,
                           int width);

  const Terminal& terminal_;
  const LiveViewOptions options_;
  // Without it there is one line.
  const bool moves_cursor_;
  LiveRegion region_;
  CompletionRate rate_;
  // What was drawn last.
  std::vector<LiveLine> lines_;
  std::string waiting_;
  // When to look anew who is waited for, and for which width that was done.
  absl::Duration waiting_until_;
  int waiting_width_ = 0;
  absl::Duration interval_;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_LIVE_VIEW_H_
