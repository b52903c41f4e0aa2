#include "controller/cli/follow/tail_view.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/jobs/states.h"

namespace tutti::cli {

TailView::TailView(std::unique_ptr<OutputView> view, const FollowedJob& job,
                   uint64_t lines)
    : PassingView(std::move(view)),
      job_(job),
      lines_(lines),
      held_(job.tasks().size()) {}

void TailView::OnOutput(size_t task, const OutputPiece& piece) {
  if (caught_up_ || piece.stream == v1::OUTPUT_STREAM_EVENT) {
    PassingView::OnOutput(task, piece);
  } else {
    Hold(held_[task][piece.stream], piece);
  }
}

void TailView::OnAttempt(size_t task) {
  held_[task] = HeldStreams();
  PassingView::OnAttempt(task);
}

void TailView::OnStatus(size_t task) {
  if (IsFinal(job_.tasks()[task].status.attempt().state())) Release(task);
  PassingView::OnStatus(task);
}

void TailView::OnCaughtUp() {
  for (size_t task = 0; task < held_.size(); ++task) Release(task);
  caught_up_ = true;
  PassingView::OnCaughtUp();
}

absl::Status TailView::Finish(int exit_status) {
  for (size_t task = 0; task < held_.size(); ++task) Release(task);
  return PassingView::Finish(exit_status);
}

void TailView::Hold(Held& held, const OutputPiece& piece) const {
  uint64_t newlines = 0;
  if (piece.content != nullptr) {
    newlines = static_cast<uint64_t>(
        std::count(piece.content->begin(), piece.content->end(), '\n'));
  }
  held.pieces.push_back({piece, newlines});
  held.newlines += newlines;
  // The line before the last ones ends with the newline that is needed more.
  while (held.newlines - held.pieces.front().newlines > lines_) {
    held.newlines -= held.pieces.front().newlines;
    held.pieces.pop_front();
  }
}

void TailView::CutToTail(Held& held) const {
  if (held.pieces.empty()) return;
  const SharedBytes& last = held.pieces.back().piece.content;
  const bool is_ended = last == nullptr || last->ends_with('\n');
  const uint64_t kept = is_ended ? lines_ : lines_ - 1;
  if (held.newlines <= kept) return;
  uint64_t superfluous = held.newlines - kept;
  while (superfluous > held.pieces.front().newlines) {
    superfluous -= held.pieces.front().newlines;
    held.pieces.pop_front();
  }
  OutputPiece& front = held.pieces.front().piece;
  size_t begin = 0;
  for (; superfluous > 0; --superfluous) {
    begin = front.content->find('\n', begin) + 1;
  }
  front.content =
      std::make_shared<const std::string>(front.content->substr(begin));
}

void TailView::Release(size_t task) {
  std::vector<OutputPiece> pieces;
  for (Held& held : held_[task]) {
    CutToTail(held);
    for (HeldPiece& piece : held.pieces) {
      pieces.push_back(std::move(piece.piece));
    }
  }
  held_[task] = HeldStreams();
  std::stable_sort(pieces.begin(), pieces.end(),
                   [](const OutputPiece& left, const OutputPiece& right) {
                     return left.position < right.position;
                   });
  for (const OutputPiece& piece : pieces) PassingView::OnOutput(task, piece);
}

}  // namespace tutti::cli
