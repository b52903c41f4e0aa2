// Whole lines as they come, "web01: " before each.
#ifndef CONTROLLER_CLI_FOLLOW_LINE_VIEW_H_
#define CONTROLLER_CLI_FOLLOW_LINE_VIEW_H_

#include <string>
#include <vector>

#include "controller/cli/follow/line_splitter.h"
#include "controller/cli/follow/output_view.h"
#include "controller/cli/follow/side_message.h"

namespace tutti::cli {

struct LineViewOptions {
  bool prefix = true;
  // Bytes go through as they are, unfinished lines too: one target without
  // prefix, not to a terminal.
  bool unchanged = false;
  // Control sequences are shown, not obeyed.
  bool harmless_output = false;
  bool harmless_error = false;
  bool color_output = false;
  bool color_error = false;
  ShownMessages messages;
};

// stdout and results go to stdout, stderr and messages to stderr, messages with
// what they are: "web01: warning: ". Remarks (of the runner, about missing
// bytes) go to stderr, marked "tutti: ".
class LineView final : public OutputView {
 public:
  LineView(const FollowedJob& job, const LineViewOptions& options, Sinks sinks);

  void OnOutput(size_t task, const OutputPiece& piece) override;
  void OnAttempt(size_t task) override;
  void OnStatus(size_t task) override;
  absl::Status Finish(int exit_status) override;

 private:
  struct Streams {
    LineSplitter output;
    LineSplitter error;
    LineSplitter result;
    MessageLines messages;
  };
  LineSplitter& SplitterFor(size_t task, v1::OutputStream stream);
  // What MessageLines hands each line of a task to.
  MessageLines::OnLine ShowMessages(size_t task);
  const LineFormat& FormatFor(size_t task, bool is_error);
  void Remark(size_t task, std::string_view text);
  void FinishTask(size_t task);

  const FollowedJob& job_;
  const LineViewOptions options_;
  const Sinks sinks_;
  std::vector<Streams> streams_;
  // Of the task that spoke last; made again when another one does.
  size_t format_task_ = SIZE_MAX;
  LineFormat output_format_;
  LineFormat error_format_;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_LINE_VIEW_H_
