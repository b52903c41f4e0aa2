// The ways in which a job's output is shown.
#ifndef CONTROLLER_CLI_FOLLOW_OUTPUT_VIEW_H_
#define CONTROLLER_CLI_FOLLOW_OUTPUT_VIEW_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "controller/cli/follow/followed_job.h"
#include "controller/cli/follow/live_line.h"

namespace tutti::cli {

// Where a view writes: append only.
struct Sinks {
  std::string& output;
  std::string& error;
};

// Gets output and states of the selected tasks as they come and turns them
// into text, or files. Not thread-safe.
class OutputView {
 public:
  virtual ~OutputView() = default;
  virtual void OnOutput(size_t task, const OutputPiece& piece) = 0;
  // What comes from now on is of the task's next attempt.
  virtual void OnAttempt(size_t task) = 0;
  // The task's status changed.
  virtual void OnStatus(size_t task) = 0;
  // With FollowerOptions::catch_up: all that was known at the beginning came.
  virtual void OnCaughtUp() {}
  // Nothing more comes; the program is to end with `exit_status`. An error
  // when something could not be written.
  virtual absl::Status Finish(int exit_status) = 0;
  // Lines that show the output so far, for the live view: at most `rows`, not
  // cut to a width. Empty where output is shown as it comes.
  virtual std::vector<LiveLine> Preview(size_t rows) const {
    (void)rows;
    return {};
  }
};

// "1.5 MiB of output are missing here: ...": what is shown in place
// of bytes that were left out.
std::string MissingText(uint64_t bytes);

// "web01: tutti: TEXT\n": what is not a target's own output. Sanitised.
std::string RemarkLine(std::string_view target, std::string_view text,
                       bool color);

// Shows nothing: for `job wait`.
class SilentView final : public OutputView {
 public:
  void OnOutput(size_t, const OutputPiece&) override {}
  void OnAttempt(size_t) override {}
  void OnStatus(size_t) override {}
  absl::Status Finish(int) override { return absl::OkStatus(); }
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_OUTPUT_VIEW_H_
