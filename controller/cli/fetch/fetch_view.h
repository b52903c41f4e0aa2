// Takes the files that targets send.
#ifndef CONTROLLER_CLI_FETCH_FETCH_VIEW_H_
#define CONTROLLER_CLI_FETCH_FETCH_VIEW_H_

#include <memory>
#include <string>
#include <vector>

#include "controller/cli/fetch/common_files.h"
#include "controller/cli/fetch/fetched_target.h"
#include "controller/cli/follow/line_view.h"
#include "controller/cli/follow/output_view.h"
#include "controller/cli/output.h"

namespace tutti::cli {

struct FetchViewOptions {
  // Is there, and can be written to.
  std::string folder;
  bool gather = false;
  bool preserve_owner = false;
  bool json = false;
  bool quiet = false;
  LineViewOptions lines;
};

// Writes each target's stream to FOLDER/TARGET as it comes; everything else is
// shown as lines. Not thread-safe.
class FetchView final : public OutputView {
 public:
  // `failed` becomes true when something that a target sent could not be
  // taken. It and the job must outlive this.
  FetchView(const FollowedJob& job, FetchViewOptions options, bool* failed,
            Sinks sinks);

  void OnOutput(size_t task, const OutputPiece& piece) override;
  void OnAttempt(size_t task) override;
  void OnStatus(size_t task) override;
  absl::Status Finish(int exit_status) override;
  std::vector<LiveLine> Preview(size_t rows) const override;

 private:
  FetchedTarget& TargetOf(size_t task);
  // Says it once, and remembers that it was.
  void Note(size_t task, const absl::Status& status);
  void TellProblems(size_t task);
  // Of those that were only counted.
  void TellOfMoreProblems(size_t task);
  Json Document(int exit_status) const;

  const FollowedJob& job_;
  const FetchViewOptions options_;
  const Sinks sinks_;
  bool* const failed_;
  LineView lines_;
  std::unique_ptr<CommonFiles> common_;
  // By task; null: nothing came.
  std::vector<std::unique_ptr<FetchedTarget>> targets_;
  // By task: of its problems so many were told.
  std::vector<size_t> told_;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FETCH_FETCH_VIEW_H_
