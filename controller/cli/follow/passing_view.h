// A view in front of another one.
#ifndef CONTROLLER_CLI_FOLLOW_PASSING_VIEW_H_
#define CONTROLLER_CLI_FOLLOW_PASSING_VIEW_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "controller/cli/follow/output_view.h"

namespace tutti::cli {

// Hands everything on to `view`; what is to be changed on the way is
// overridden. Not thread-safe.
class PassingView : public OutputView {
 public:
  explicit PassingView(std::unique_ptr<OutputView> view)
      : view_(std::move(view)) {}

  void OnOutput(size_t task, const OutputPiece& piece) override {
    view_->OnOutput(task, piece);
  }
  void OnAttempt(size_t task) override { view_->OnAttempt(task); }
  void OnStatus(size_t task) override { view_->OnStatus(task); }
  void OnCaughtUp() override { view_->OnCaughtUp(); }
  absl::Status Finish(int exit_status) override {
    return view_->Finish(exit_status);
  }
  std::vector<LiveLine> Preview(size_t rows) const override {
    return view_->Preview(rows);
  }

 private:
  const std::unique_ptr<OutputView> view_;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_PASSING_VIEW_H_
