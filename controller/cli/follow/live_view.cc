#include "controller/cli/follow/live_view.h"

#include <time.h>

#include <algorithm>
#include <utility>

#include "controller/cli/follow/progress_bar.h"
#include "controller/cli/follow/waiting_line.h"
#include "controller/cli/input/raw_terminal.h"

namespace tutti::cli {
namespace {

constexpr absl::Duration kInterval = absl::Milliseconds(100);
// Carriage returns may not be obeyed: a log, an editor.
constexpr absl::Duration kIntervalOfOneLine = absl::Seconds(1);
// Drawing takes no more than one part in so many of a processor.
constexpr int kPartOfTime = 50;
constexpr absl::Duration kSlowAfter = absl::Seconds(10);
constexpr absl::Duration kWaitingInterval = absl::Seconds(1);
// Kept free above the live lines, for what stays.
constexpr size_t kFreeRows = 2;

absl::Duration ProcessorTime() {
  timespec used;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return absl::DurationFromTimespec(used);
}

// Nothing new starts until somebody says so.
bool IsHeldUp(const v1::Job& job) {
  return job.held() || job.state() == v1::JOB_STATE_BLOCKED;
}

}  // namespace

LiveView::LiveView(const Terminal& terminal, const LiveViewOptions& options,
                   std::string& sink)
    : terminal_(terminal),
      options_(options),
      moves_cursor_(Terminal::MovesCursor()),
      region_(sink, RegionOptionsOf(terminal)),
      interval_(moves_cursor_ ? kInterval : kIntervalOfOneLine) {
  // A job that others have started is met somewhere on its way.
  if (options.just_started) rate_.Note(absl::ZeroDuration(), 0);
}

void LiveView::Draw(const FollowedJob& job, const OutputView* view,
                    std::string_view question, const Moment& moment) {
  const absl::Duration before = ProcessorTime();
  const int width = terminal_.Width();
  const size_t window = WindowSizeOf(terminal_.error_descriptor()).rows();
  size_t rows = moves_cursor_ ? std::max<size_t>(1, window - 1) : 1;
  lines_.clear();
  const auto add = [&](LiveLine line) {
    if (rows == 0) return;
    lines_.insert(lines_.begin(), std::move(line));
    --rows;
  };
  // The most important first, from bottom to top.
  if (!question.empty()) add({{std::string(question), Style::kBold}});
  if (options_.progress && job.known()) {
    LiveLine bar = Bar(job, moment, LiveRegion::Room(width));
    const auto waiting = Waiting(job, moment, LiveRegion::Room(width));
    if (rows > 1 && !waiting.empty()) {
      add({{std::string(waiting), Style::kYellow}});
    }
    add(std::move(bar));
    if (view != nullptr && rows > kFreeRows) {
      std::vector<LiveLine> preview = view->Preview(rows - kFreeRows);
      lines_.insert(lines_.begin(), std::make_move_iterator(preview.begin()),
                    std::make_move_iterator(preview.end()));
    }
  }
  region_.Draw(lines_, width);
  const absl::Duration cost = ProcessorTime() - before;
  interval_ = std::max(moves_cursor_ ? kInterval : kIntervalOfOneLine,
                       cost * kPartOfTime);
}

void LiveView::DrawAgain() { region_.Draw(lines_, terminal_.Width()); }

void LiveView::Erase() { region_.Erase(terminal_.Width()); }

LiveLine LiveView::Bar(const FollowedJob& job, const Moment& moment,
                       int width) {
  rate_.Note(moment.following, job.final_count());
  Progress progress;
  progress.job_number = job.job().number();
  progress.state = job.job().state();
  progress.held = job.job().held();
  progress.counts = job.counts();
  progress.elapsed = moment.following;
  progress.per_second = rate_.per_second();
  return ProgressBar(progress, width);
}

std::string_view LiveView::Waiting(const FollowedJob& job, const Moment& moment,
                                   int width) {
  if (moment.following < kSlowAfter && !IsHeldUp(job.job())) return "";
  if (moment.following >= waiting_until_ || width != waiting_width_) {
    WaitingTimes times{moment.now};
    if (options_.just_started) times.longest = moment.following;
    waiting_ = WaitingLine(job, times, width);
    waiting_until_ = moment.following + kWaitingInterval;
    waiting_width_ = width;
  }
  return waiting_;
}

}  // namespace tutti::cli
