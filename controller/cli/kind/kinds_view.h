// The add-in kinds that targets have, out of their answers to a query.
#ifndef CONTROLLER_CLI_KIND_KINDS_VIEW_H_
#define CONTROLLER_CLI_KIND_KINDS_VIEW_H_

#include <functional>
#include <string>
#include <vector>

#include "common/kinds/manifest.h"
#include "controller/cli/follow/line_view.h"
#include "controller/cli/follow/output_view.h"
#include "controller/cli/follow/query_rows.h"

namespace tutti::cli {

// A kind as some targets have it, all alike.
struct TargetKind {
  std::vector<std::string> targets;
  // Its name, version, description, program and parameters.
  Manifest manifest;
  std::string path;
  // Why it can not be used; empty: it can.
  std::string error;
};

// The query of which it is the answer; an empty name means all kinds.
std::string KindsQuery(const std::string& name);

// Collects them and hands them on at the end, by name, those that most targets
// have first. Everything but rows is shown as lines.
class KindsView final : public OutputView {
 public:
  using OnKinds = std::function<absl::Status(
      const std::vector<TargetKind>& kinds, std::string& output)>;

  KindsView(const FollowedJob& job, const LineViewOptions& lines, Sinks sinks,
            OnKinds on_kinds)
      : job_(job),
        sinks_(sinks),
        on_kinds_(std::move(on_kinds)),
        lines_(job, lines, sinks),
        answers_(job.tasks().size()) {}

  void OnOutput(size_t task, const OutputPiece& piece) override;
  void OnAttempt(size_t task) override;
  void OnStatus(size_t task) override { lines_.OnStatus(task); }
  absl::Status Finish(int exit_status) override;

 private:
  std::vector<TargetKind> Kinds() const;

  const FollowedJob& job_;
  const Sinks sinks_;
  const OnKinds on_kinds_;
  LineView lines_;
  // By task.
  std::vector<QueryRows> answers_;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_KIND_KINDS_VIEW_H_
