#include "controller/cli/follow/line_view.h"

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/jobs/states.h"
#include "controller/cli/follow/outcome.h"
#include "controller/cli/terminal.h"

namespace tutti::cli {

std::string MissingText(uint64_t bytes) {
  return fmt::format(
      "{} of output are missing here: neither the controller's memory nor the "
      "target has them any more",
      FormatSize(bytes));
}

std::string RemarkLine(std::string_view target, std::string_view text,
                       bool color) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  return fmt::format("{}: {} {}\n", target,
                     Paint("tutti:", Style::kYellow, color), Sanitize(text));
}

LineView::LineView(const FollowedJob& job, const LineViewOptions& options,
                   Sinks sinks)
    : job_(job),
      options_(options),
      sinks_(sinks),
      streams_(job.tasks().size()) {
  output_format_.harmless = options.harmless_output;
  error_format_.harmless = options.harmless_error;
}

void LineView::OnOutput(size_t task, const OutputPiece& piece) {
  if (piece.stream == v1::OUTPUT_STREAM_EVENT && piece.content != nullptr) {
    Remark(task, *piece.content);
    return;
  }
  if (piece.stream == v1::OUTPUT_STREAM_MESSAGE) {
    MessageLines& messages = streams_[task].messages;
    if (piece.content != nullptr) {
      return messages.Append(*piece.content, ShowMessages(task));
    }
    messages.Finish(ShowMessages(task));
    return Remark(task, MissingText(piece.missing_bytes));
  }
  const bool is_error = piece.stream == v1::OUTPUT_STREAM_STDERR;
  std::string& sink = is_error ? sinks_.error : sinks_.output;
  if (options_.unchanged && piece.content != nullptr) {
    sink.append(*piece.content);
    return;
  }
  LineSplitter& splitter = SplitterFor(task, piece.stream);
  const LineFormat& format = FormatFor(task, is_error);
  if (piece.content != nullptr) {
    splitter.Append(format, *piece.content, sink);
    return;
  }
  splitter.Finish(format, sink);
  Remark(task, MissingText(piece.missing_bytes));
}

void LineView::OnAttempt(size_t task) { FinishTask(task); }

void LineView::OnStatus(size_t task) {
  if (IsFinal(job_.tasks()[task].status.attempt().state())) FinishTask(task);
}

absl::Status LineView::Finish(int /*exit_status*/) {
  for (size_t task = 0; task < streams_.size(); ++task) FinishTask(task);
  return absl::OkStatus();
}

void LineView::FinishTask(size_t task) {
  streams_[task].output.Finish(FormatFor(task, false), sinks_.output);
  streams_[task].error.Finish(FormatFor(task, true), sinks_.error);
  streams_[task].messages.Finish(ShowMessages(task));
  streams_[task].result.Finish(FormatFor(task, false), sinks_.output);
}

LineSplitter& LineView::SplitterFor(size_t task, v1::OutputStream stream) {
  if (stream == v1::OUTPUT_STREAM_STDERR) return streams_[task].error;
  if (stream == v1::OUTPUT_STREAM_RESULT) return streams_[task].result;
  return streams_[task].output;
}

MessageLines::OnLine LineView::ShowMessages(size_t task) {
  return [this, task](std::string_view line) {
    const SideMessage message = ParseSideMessage(line);
    if (!options_.messages.Has(message.kind)) return;
    LineFormat format;
    format.harmless = options_.harmless_error;
    if (options_.prefix) format.prefix = job_.tasks()[task].name + ": ";
    if (message.kind != SideMessage::Kind::kOther) {
      const bool is_warning = message.kind == SideMessage::Kind::kWarning;
      format.prefix += Paint(fmt::format("{}:", MessageWord(message.kind)),
                             is_warning ? Style::kYellow : Style::kDim,
                             options_.color_error) +
                       " ";
    }
    // It may have several lines, or none.
    LineSplitter splitter;
    splitter.Append(format, MessageText(message) + "\n", sinks_.error);
    splitter.Finish(format, sinks_.error);
  };
}

const LineFormat& LineView::FormatFor(size_t task, bool is_error) {
  if (options_.prefix && task != format_task_) {
    const std::string prefix = job_.tasks()[task].name + ":";
    output_format_.prefix =
        Paint(prefix, Style::kCyan, options_.color_output) + " ";
    error_format_.prefix =
        Paint(prefix, Style::kRed, options_.color_error) + " ";
    format_task_ = task;
  }
  return is_error ? error_format_ : output_format_;
}

void LineView::Remark(size_t task, std::string_view text) {
  sinks_.error +=
      RemarkLine(job_.tasks()[task].name, text, options_.color_error);
}

}  // namespace tutti::cli
