#include "controller/cli/follow/events_view.h"

#include <fmt/ranges.h>

#include <string>
#include <utility>

#include "common/jobs/states.h"
#include "controller/cli/follow/wording.h"

namespace tutti::cli {

EventsView::EventsView(std::unique_ptr<OutputView> view, const FollowedJob& job,
                       Sinks sinks, bool color)
    : PassingView(std::move(view)),
      job_(job),
      sinks_(sinks),
      color_(color),
      told_(job.tasks().size()) {}

void EventsView::OnStatus(size_t task) {
  // First, so that a last line without an end comes before the end.
  PassingView::OnStatus(task);
  const FollowedTask& followed = job_.tasks()[task];
  const Told now = {followed.status.attempt().state(), followed.attempt};
  if (now == told_[task]) return;
  told_[task] = now;
  std::vector<std::string> details;
  if (std::string reason = Reason(followed.status); !reason.empty()) {
    details.push_back(std::move(reason));
  }
  if (now.attempt > 1) {
    details.push_back(fmt::format("attempt {}", now.attempt));
  }
  std::string text = StateName(now.state);
  if (!details.empty()) text += fmt::format(" ({})", fmt::join(details, ", "));
  sinks_.error += RemarkLine(followed.name, text, color_);
}

}  // namespace tutti::cli
