// Equal output once, under the folded names of those who said it.
#ifndef CONTROLLER_CLI_FOLLOW_GATHER_VIEW_H_
#define CONTROLLER_CLI_FOLLOW_GATHER_VIEW_H_

#include <string>
#include <string_view>
#include <vector>

#include "controller/cli/follow/gatherer.h"
#include "controller/cli/follow/line_view.h"
#include "controller/cli/follow/output_view.h"

namespace tutti::cli {

struct GatherViewOptions {
  LineViewOptions lines;
  // A task that says more is shown line by line from there on, and so is
  // everything new once the sum over all tasks is reached.
  uint64_t task_limit = 16 << 20;
  uint64_t total_limit = 256 << 20;
};

// Headers as dshbak -c writes them, so that what reads those reads these:
//   ----------------
//   web[01-40]
//   ----------------
// stdout, with the result behind it, is gathered to stdout, stderr to stderr;
// messages are shown as they come. What was gathered is written at the end;
// until then Preview shows it.
class GatherView final : public OutputView {
 public:
  GatherView(const FollowedJob& job, const GatherViewOptions& options,
             Sinks sinks);

  void OnOutput(size_t task, const OutputPiece& piece) override;
  void OnAttempt(size_t task) override;
  void OnStatus(size_t task) override;
  absl::Status Finish(int exit_status) override;
  // The largest group, then those that differ from it, the smallest first,
  // then those that are only on their way to it; each with its names and its
  // last lines.
  std::vector<LiveLine> Preview(size_t rows) const override;

 private:
  struct PreviewGroup {
    const Gatherer* gatherer;
    std::vector<size_t> tasks;
    // How much it stands out: 0 is what most say.
    enum class Kind { kMost, kOther, kOnTheWay } kind;
  };
  std::vector<PreviewGroup> PreviewGroups() const;
  void AppendPreview(const PreviewGroup& group, size_t count,
                     std::vector<LiveLine>& lines) const;
  // Of its result what came so far goes behind its output, where it is over.
  void EndResult(size_t task);
  // From now on line by line; what it said so far first.
  void StopGathering(size_t task);
  void WriteGroups(const Gatherer& gatherer, std::string_view remark,
                   bool harmless, bool color, std::string& sink) const;
  std::string NamesOf(const std::vector<size_t>& tasks) const;

  const FollowedJob& job_;
  const GatherViewOptions options_;
  const Sinks sinks_;
  LineView lines_;
  Gatherer output_;
  Gatherer error_;
  // Of tasks that are not over: not in the order in which it came among their
  // output, which differs from one to the next.
  Gatherer results_;
  // Not gathered any longer.
  std::vector<bool> streaming_;
  uint64_t total_ = 0;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_GATHER_VIEW_H_
