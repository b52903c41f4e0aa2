// `--stream` and `--output-since`: a part of the output.
#ifndef CONTROLLER_CLI_FOLLOW_CHOSEN_OUTPUT_VIEW_H_
#define CONTROLLER_CLI_FOLLOW_CHOSEN_OUTPUT_VIEW_H_

#include <memory>

#include "absl/time/time.h"
#include "controller/cli/follow/passing_view.h"

namespace tutti::cli {

struct OutputChoice {
  // Only this one, and remarks; both when unspecified.
  v1::OutputStream stream = v1::OUTPUT_STREAM_UNSPECIFIED;
  // Only what was said then or later, by the target's clock.
  absl::Time since = absl::InfinitePast();
};

// Lets through what is chosen.
class ChosenOutputView final : public PassingView {
 public:
  ChosenOutputView(std::unique_ptr<OutputView> view, const OutputChoice& choice)
      : PassingView(std::move(view)), choice_(choice) {}

  void OnOutput(size_t task, const OutputPiece& piece) override;

 private:
  const OutputChoice choice_;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_CHOSEN_OUTPUT_VIEW_H_
