// How far each task says that it is, for the live view.
#ifndef CONTROLLER_CLI_FOLLOW_PROGRESS_VIEW_H_
#define CONTROLLER_CLI_FOLLOW_PROGRESS_VIEW_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "controller/cli/follow/passing_view.h"
#include "controller/cli/follow/side_message.h"

namespace tutti::cli {

// Adds to the preview a line for each task that runs and has told of progress,
// those that spoke last first: "web01: 40 % installing nginx"; of several
// tasks behind them how far all are together. Not thread-safe.
class ProgressView final : public PassingView {
 public:
  ProgressView(std::unique_ptr<OutputView> view, const FollowedJob& job)
      : PassingView(std::move(view)), job_(job) {}

  void OnOutput(size_t task, const OutputPiece& piece) override;
  void OnAttempt(size_t task) override;
  void OnStatus(size_t task) override;
  std::vector<LiveLine> Preview(size_t rows) const override;

 private:
  struct Told {
    MessageLines lines;
    // The newest.
    SideMessage message;
    // Counts over all tasks; 0: none has come.
    uint64_t turn = 0;
  };

  // The mean of all tasks: what is over has done its part, whatever came of it.
  LiveLine Whole() const;

  const FollowedJob& job_;
  // Of those that run.
  std::map<size_t, Told> told_;
  uint64_t turns_ = 0;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_PROGRESS_VIEW_H_
