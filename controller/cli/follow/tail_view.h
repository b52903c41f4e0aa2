// `--tail`: the last lines of each target.
#ifndef CONTROLLER_CLI_FOLLOW_TAIL_VIEW_H_
#define CONTROLLER_CLI_FOLLOW_TAIL_VIEW_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "controller/cli/follow/passing_view.h"
#include "controller/cli/follow/streams.h"

namespace tutti::cli {

// Of what came before OnCaughtUp, lets through the last lines of each target
// and stream; then everything. Remarks always go through. An unfinished last
// line counts as one.
class TailView final : public PassingView {
 public:
  // `lines` is 1 or more.
  TailView(std::unique_ptr<OutputView> view, const FollowedJob& job,
           uint64_t lines);

  void OnOutput(size_t task, const OutputPiece& piece) override;
  void OnAttempt(size_t task) override;
  void OnStatus(size_t task) override;
  void OnCaughtUp() override;
  absl::Status Finish(int exit_status) override;

 private:
  struct HeldPiece {
    OutputPiece piece;
    uint64_t newlines = 0;
  };
  // The end of a stream: enough to hold the last lines.
  struct Held {
    std::deque<HeldPiece> pieces;
    uint64_t newlines = 0;
  };
  using HeldStreams = ByStream<Held>;

  void Hold(Held& held, const OutputPiece& piece) const;
  // Takes away what comes before the last lines.
  void CutToTail(Held& held) const;
  void Release(size_t task);

  const FollowedJob& job_;
  const uint64_t lines_;
  std::vector<HeldStreams> held_;
  bool caught_up_ = false;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_TAIL_VIEW_H_
