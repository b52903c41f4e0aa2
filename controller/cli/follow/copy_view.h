// What became of a copy on each target, for people.
#ifndef CONTROLLER_CLI_FOLLOW_COPY_VIEW_H_
#define CONTROLLER_CLI_FOLLOW_COPY_VIEW_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "controller/cli/follow/passing_view.h"

namespace tutti::cli {

// "changed 3 of 12 files, 4.1 MiB received", of the JSON that a copy's program
// gives as its result (docs/copy-format.md); absent when it is none.
std::optional<std::string> CopyResultText(std::string_view result);

// Hands the results of a copy's targets on as text. Not thread-safe.
class CopyView final : public PassingView {
 public:
  CopyView(std::unique_ptr<OutputView> view, const FollowedJob& job)
      : PassingView(std::move(view)), job_(job) {}

  void OnOutput(size_t task, const OutputPiece& piece) override;
  void OnAttempt(size_t task) override;
  void OnStatus(size_t task) override;
  absl::Status Finish(int exit_status) override;

 private:
  // What came so far, as it is when it is no result.
  void HandOn(size_t task);

  const FollowedJob& job_;
  // Of those that are not over: what came, as one piece.
  std::map<size_t, std::pair<OutputPiece, std::string>> results_;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_COPY_VIEW_H_
