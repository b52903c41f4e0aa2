// The output of a program that has a terminal.
#ifndef CONTROLLER_CLI_FOLLOW_TERMINAL_VIEW_H_
#define CONTROLLER_CLI_FOLLOW_TERMINAL_VIEW_H_

#include "controller/cli/follow/output_view.h"

namespace tutti::cli {

// Bytes as they come, for a terminal that obeys them. Remarks go to stderr, on
// lines of their own. Not thread-safe.
class TerminalView final : public OutputView {
 public:
  TerminalView(const FollowedJob& job, Sinks sinks)
      : job_(job), sinks_(sinks) {}

  void OnOutput(size_t task, const OutputPiece& piece) override;
  void OnAttempt(size_t) override {}
  void OnStatus(size_t) override {}
  absl::Status Finish(int) override { return absl::OkStatus(); }

 private:
  void Remark(size_t task, std::string_view text);

  const FollowedJob& job_;
  const Sinks sinks_;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_TERMINAL_VIEW_H_
