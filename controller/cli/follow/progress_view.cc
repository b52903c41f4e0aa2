#include "controller/cli/follow/progress_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "common/jobs/states.h"
#include "common/text/lines.h"
#include "controller/cli/follow/wording.h"
#include "controller/cli/terminal.h"

namespace tutti::cli {
namespace {

// Tasks that are named; the others are counted.
constexpr size_t kMaxLines = 5;
// With fewer there is no line for all.
constexpr size_t kRowsForWhole = 3;

// Control characters shown, on one line.
std::string OnOneLine(std::string_view text) {
  std::string line = Sanitize(TakeLine(text));
  std::replace(line.begin(), line.end(), '\t', ' ');
  return line;
}

}  // namespace

void ProgressView::OnOutput(size_t task, const OutputPiece& piece) {
  if (piece.stream == v1::OUTPUT_STREAM_MESSAGE && piece.content != nullptr) {
    Told& told = told_[task];
    told.lines.Append(*piece.content, [&](std::string_view line) {
      SideMessage message = ParseSideMessage(line);
      if (message.kind != SideMessage::Kind::kProgress) return;
      told.message = std::move(message);
      told.turn = ++turns_;
    });
  } else if (piece.content == nullptr) {
    // Half a message does not go on with another's half.
    if (const auto told = told_.find(task); told != told_.end()) {
      told->second.lines.Finish([](std::string_view) {});
    }
  }
  PassingView::OnOutput(task, piece);
}

void ProgressView::OnAttempt(size_t task) {
  told_.erase(task);
  PassingView::OnAttempt(task);
}

void ProgressView::OnStatus(size_t task) {
  if (IsFinal(job_.tasks()[task].status.attempt().state())) told_.erase(task);
  PassingView::OnStatus(task);
}

LiveLine ProgressView::Whole() const {
  SideMessage whole;
  whole.kind = SideMessage::Kind::kProgress;
  for (const auto& task : job_.tasks()) {
    if (IsFinal(task.status.attempt().state())) whole.progress += 1;
  }
  for (const auto& [task, told] : told_) {
    whole.progress += told.message.progress;
  }
  whole.progress /= static_cast<double>(job_.tasks().size());
  return {{fmt::format("all {}: ", Counted(job_.tasks().size(), "target")),
           Style::kCyan},
          {MessageText(whole)}};
}

std::vector<LiveLine> ProgressView::Preview(size_t rows) const {
  struct Shown {
    size_t task;
    const Told* told;
  };
  std::vector<Shown> shown;
  for (const auto& [task, told] : told_) {
    if (told.turn > 0) shown.push_back({task, &told});
  }
  if (shown.empty() || rows == 0) return PassingView::Preview(rows);
  std::sort(shown.begin(), shown.end(), [](const Shown& a, const Shown& b) {
    return a.told->turn > b.told->turn;
  });
  const bool with_whole = job_.tasks().size() > 1 && rows >= kRowsForWhole;
  // The last row says how many are not shown.
  const size_t most = std::min(rows - (with_whole ? 1 : 0), kMaxLines + 1);
  const size_t named =
      shown.size() <= most ? shown.size() : std::max<size_t>(most, 2) - 1;
  std::vector<LiveLine> lines;
  for (size_t i = 0; i < named; ++i) {
    const SideMessage& message = shown[i].told->message;
    lines.push_back({{job_.tasks()[shown[i].task].name + ": ", Style::kCyan},
                     {OnOneLine(MessageText(message))}});
  }
  if (named < shown.size() && lines.size() < most) {
    lines.push_back({{fmt::format("and {} with progress",
                                  Counted(shown.size() - named, "target"))}});
  }
  if (with_whole) lines.push_back(Whole());
  std::vector<LiveLine> all = PassingView::Preview(rows - lines.size());
  all.insert(all.end(), std::make_move_iterator(lines.begin()),
             std::make_move_iterator(lines.end()));
  return all;
}

}  // namespace tutti::cli
