#include "controller/cli/follow/gather_view.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "common/base/errors.h"
#include "common/jobs/states.h"
#include "common/targets/node_set.h"
#include "controller/cli/follow/wording.h"
#include "controller/cli/terminal.h"

namespace tutti::cli {
namespace {

// Each becomes blanks up to the next eighth column: a line that is drawn over
// must cover what it is wide.
std::string WithoutTabs(std::string_view text) {
  std::string expanded;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find('\t'));
    expanded += part;
    text.remove_prefix(part.size());
    if (text.empty()) break;
    text.remove_prefix(1);
    // Each part begins at an eighth column.
    expanded.append(8 - DisplayWidth(part) % 8, ' ');
  }
  return expanded;
}

constexpr std::string_view kRule = "----------------";
// Lines of output that the preview shows of one group.
constexpr size_t kPreviewLines = 3;

}  // namespace

GatherView::GatherView(const FollowedJob& job, const GatherViewOptions& options,
                       Sinks sinks)
    : job_(job),
      options_(options),
      sinks_(sinks),
      lines_(job, options.lines, sinks),
      output_(job.tasks().size()),
      error_(job.tasks().size()),
      results_(job.tasks().size()),
      streaming_(job.tasks().size()) {}

void GatherView::OnOutput(size_t task, const OutputPiece& piece) {
  const bool is_remark = piece.stream == v1::OUTPUT_STREAM_EVENT ||
                         piece.stream == v1::OUTPUT_STREAM_MESSAGE ||
                         piece.content == nullptr;
  if (is_remark || streaming_[task]) {
    lines_.OnOutput(task, piece);
    return;
  }
  const uint64_t size = piece.content->size();
  if (output_.size(task) + error_.size(task) + results_.size(task) + size >
          options_.task_limit ||
      total_ + size > options_.total_limit) {
    StopGathering(task);
    lines_.OnOutput(task, piece);
    return;
  }
  total_ += size;
  if (piece.stream == v1::OUTPUT_STREAM_RESULT) {
    results_.Append(task, piece.content);
  } else if (piece.stream == v1::OUTPUT_STREAM_STDERR) {
    error_.Append(task, piece.content);
  } else {
    output_.Append(task, piece.content);
  }
}

void GatherView::EndResult(size_t task) {
  if (results_.size(task) == 0) return;
  const std::vector<SharedBytes>& before = output_.chunks(task);
  if (!before.empty() && !before.back()->ends_with('\n')) {
    output_.Append(task, std::make_shared<const std::string>("\n"));
    ++total_;
  }
  for (const SharedBytes& chunk : results_.chunks(task)) {
    output_.Append(task, chunk);
  }
  results_.Forget(task);
}

void GatherView::StopGathering(size_t task) {
  streaming_[task] = true;
  const std::pair<v1::OutputStream, Gatherer&> gathered[] = {
      {v1::OUTPUT_STREAM_STDOUT, output_},
      {v1::OUTPUT_STREAM_STDERR, error_},
      {v1::OUTPUT_STREAM_RESULT, results_}};
  for (const auto& [stream, gatherer] : gathered) {
    OutputPiece piece;
    piece.stream = stream;
    for (const SharedBytes& chunk : gatherer.chunks(task)) {
      piece.content = chunk;
      lines_.OnOutput(task, piece);
    }
    total_ -= gatherer.size(task);
    gatherer.Forget(task);
  }
}

void GatherView::OnAttempt(size_t task) {
  for (Gatherer* gatherer : {&output_, &error_, &results_}) {
    total_ -= gatherer->size(task);
    gatherer->Forget(task);
  }
  lines_.OnAttempt(task);
}

void GatherView::OnStatus(size_t task) {
  if (IsFinal(job_.tasks()[task].status.attempt().state())) EndResult(task);
  lines_.OnStatus(task);
}

absl::Status GatherView::Finish(int exit_status) {
  const LineViewOptions& lines = options_.lines;
  for (size_t task = 0; task < streaming_.size(); ++task) EndResult(task);
  WriteGroups(output_, "", lines.harmless_output, lines.color_output,
              sinks_.output);
  WriteGroups(error_, " (stderr)", lines.harmless_error, lines.color_error,
              sinks_.error);
  return lines_.Finish(exit_status);
}

void GatherView::WriteGroups(const Gatherer& gatherer, std::string_view remark,
                             bool harmless, bool color,
                             std::string& sink) const {
  for (const std::vector<size_t>& tasks : gatherer.Groups()) {
    if (options_.lines.prefix) {
      const std::string names = Paint(NamesOf(tasks), Style::kBold, color);
      sink += fmt::format("{}\n{}{}\n{}\n", kRule, names, remark, kRule);
    }
    if (!harmless) {
      gatherer.AppendText(tasks.front(), sink);
      continue;
    }
    std::string text;
    gatherer.AppendText(tasks.front(), text);
    AppendSanitized(text, sink);
  }
}

std::vector<GatherView::PreviewGroup> GatherView::PreviewGroups() const {
  std::vector<PreviewGroup> groups;
  for (const Gatherer* gatherer : {&output_, &error_}) {
    std::vector<std::vector<size_t>> found = gatherer->Groups();
    if (found.empty()) continue;
    const size_t most =
        std::max_element(found.begin(), found.end(),
                         [](const auto& left, const auto& right) {
                           return left.size() < right.size();
                         })
            ->front();
    for (std::vector<size_t>& tasks : found) {
      auto kind = PreviewGroup::Kind::kOther;
      if (gatherer->Begins(tasks.front(), most)) {
        kind = PreviewGroup::Kind::kOnTheWay;
      }
      if (tasks.front() == most) kind = PreviewGroup::Kind::kMost;
      groups.push_back({gatherer, std::move(tasks), kind});
    }
  }
  std::stable_sort(groups.begin(), groups.end(),
                   [](const PreviewGroup& left, const PreviewGroup& right) {
                     if (left.kind != right.kind) return left.kind < right.kind;
                     return left.tasks.size() < right.tasks.size();
                   });
  return groups;
}

void GatherView::AppendPreview(const PreviewGroup& group, size_t count,
                               std::vector<LiveLine>& lines) const {
  const bool is_error = group.gatherer == &error_;
  const bool stands_out = is_error || group.kind == PreviewGroup::Kind::kOther;
  LiveLine header = {
      {fmt::format("── {}{}: ", Counted(group.tasks.size(), "target"),
                   is_error ? " (stderr)" : ""),
       stands_out ? Style::kYellow : Style::kNone}};
  header.push_back(
      {NamesOf(group.tasks), stands_out ? Style::kYellow : Style::kBold});
  lines.push_back(std::move(header));
  for (const std::string& line :
       group.gatherer->LastLines(group.tasks.front(), count)) {
    lines.push_back({{WithoutTabs("   " + Sanitize(line))}});
  }
}

std::vector<LiveLine> GatherView::Preview(size_t rows) const {
  const std::vector<PreviewGroup> groups = PreviewGroups();
  std::vector<LiveLine> lines;
  // As many groups as there is room for, with a line each at least.
  const size_t share = rows / std::max<size_t>(1, groups.size());
  const size_t count = share > 2 ? std::min(share - 1, kPreviewLines) : 1;
  size_t shown = 0;
  for (const PreviewGroup& group : groups) {
    // The last row says how much is not shown.
    const size_t needed = shown + 1 < groups.size() ? 3 : 2;
    if (lines.size() + needed > rows) break;
    const size_t room = rows - lines.size() - (needed - 1);
    AppendPreview(group, std::min(room, count), lines);
    ++shown;
  }
  if (shown < groups.size() && rows > 0) {
    lines.push_back({{fmt::format("   and {} with other output",
                                  Counted(groups.size() - shown, "group"))}});
  }
  return lines;
}

std::string GatherView::NamesOf(const std::vector<size_t>& tasks) const {
  std::vector<std::string> names;
  names.reserve(tasks.size());
  for (const size_t task : tasks) names.push_back(job_.tasks()[task].name);
  return FoldNames(names);
}

}  // namespace tutti::cli
