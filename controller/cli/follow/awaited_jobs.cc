#include "controller/cli/follow/awaited_jobs.h"

#include <fmt/ranges.h>
#include <poll.h>
#include <time.h>

#include <algorithm>
#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/jobs/states.h"
#include "common/transport/transport.h"
#include "controller/cli/connection.h"

namespace tutti::cli {
namespace {

constexpr absl::Duration kRetryInterval = absl::Seconds(1);

// By a clock that does not jump.
absl::Time MonotonicNow() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return absl::TimeFromTimespec(now);
}

}  // namespace

AwaitedJobs::AwaitedJobs(AwaitOptions options, Connection& connection,
                         SignalPipe& signals)
    : options_(std::move(options)), connection_(connection), signals_(signals) {
  for (const v1::JobSelector& job : options_.jobs) {
    watched_.push_back(std::make_unique<Watched>());
    watched_.back()->selector = job;
  }
}

AwaitedJobs::~AwaitedJobs() = default;

const FollowedJob& AwaitedJobs::job(size_t index) const {
  return watched_[index]->job;
}

bool AwaitedJobs::is_over(size_t index) const {
  const Watched& watched = *watched_[index];
  return watched.ended && IsFinal(watched.job.job().state());
}

bool AwaitedJobs::is_fulfilled() const {
  size_t over = 0;
  for (size_t i = 0; i < size(); ++i) over += is_over(i) ? 1 : 0;
  return options_.any ? over > 0 : over == size();
}

absl::StatusOr<WaitEnd> AwaitedJobs::Run() {
  TUTTI_RETURN_IF_ERROR(connection_.Connect());
  channel_ = connection_.channel();
  lost_since_ = MonotonicNow();
  if (options_.timeout && !only_looks()) {
    deadline_ = *lost_since_ + *options_.timeout;
  }
  StartStreams();
  while (true) {
    WaitForEvents();
    for (const auto& watched : watched_) {
      TUTTI_RETURN_IF_ERROR(TakeMessages(*watched));
    }
    TUTTI_ASSIGN_OR_RETURN(const std::optional<WaitEnd> end, CheckEnd());
    if (end.has_value()) return *end;
    if (MonotonicNow() >= retry_at_) {
      channel_ = connection_.DialNext();
      StartStreams();
    }
  }
}

absl::Time AwaitedJobs::LostForGood() const {
  if (!lost_since_) return absl::InfiniteFuture();
  return *lost_since_ + options_.reconnect;
}

absl::StatusOr<std::optional<WaitEnd>> AwaitedJobs::CheckEnd() {
  const absl::Time now = MonotonicNow();
  const bool all_known = AllKnown();
  if (all_known && IsSettled()) return WaitEnd::kSettled;
  if (!signals_.TakeAll().empty()) return WaitEnd::kInterrupted;
  if (all_known && now >= deadline_) return WaitEnd::kTimeOver;
  if (now < LostForGood()) return std::nullopt;
  if (all_known) return WaitEnd::kControllerLost;
  return Unavailable("controller {} did not answer; try again",
                     fmt::join(connection_.fleet().controllers, ", "));
}

void AwaitedJobs::StartStreams() {
  retry_at_ = absl::InfiniteFuture();
  for (const auto& watched : watched_) {
    if (watched->ended || watched->reader != nullptr) continue;
    v1::WatchJobRequest request;
    *request.mutable_job() = watched->selector;
    request.set_follow(!only_looks());
    watched->job.BeginStream();
    watched->reader =
        std::make_unique<WatchReader>(channel_, std::move(request));
  }
}

void AwaitedJobs::WaitForEvents() {
  std::vector<pollfd> waits = {{signals_.descriptor(), POLLIN, 0}};
  for (const auto& watched : watched_) {
    if (watched->reader == nullptr) continue;
    waits.push_back({watched->reader->descriptor(), POLLIN, 0});
  }
  absl::Time until = std::min(LostForGood(), retry_at_);
  // Jobs that are not known can not be named.
  if (AllKnown()) until = std::min(until, deadline_);
  const absl::Duration left =
      std::clamp(until - MonotonicNow(), absl::ZeroDuration(), absl::Hours(24));
  const timespec timeout = absl::ToTimespec(left);
  ppoll(waits.data(), waits.size(), &timeout, nullptr);
}

absl::Status AwaitedJobs::TakeMessages(Watched& watched) {
  while (watched.reader != nullptr) {
    const auto event = watched.reader->Take();
    if (!event) break;
    if (event->message == nullptr) return OnStreamEnd(watched, event->status);
    lost_since_.reset();
    TUTTI_RETURN_IF_ERROR(watched.job.Apply(*event->message, listener_));
    // Whatever `last` means by now.
    watched.selector.set_number(watched.job.job().number());
  }
  return absl::OkStatus();
}

absl::Status AwaitedJobs::OnStreamEnd(Watched& watched,
                                      const grpc::Status& status) {
  watched.reader.reset();
  if (status.ok()) {
    watched.ended = true;
    return absl::OkStatus();
  }
  if (!IsPassing(status.error_code())) return FromGrpc(status);
  if (!lost_since_) lost_since_ = MonotonicNow();
  retry_at_ = std::min(retry_at_, MonotonicNow() + kRetryInterval);
  return absl::OkStatus();
}

bool AwaitedJobs::IsSettled() const {
  if (is_fulfilled() && !only_looks()) return true;
  return std::all_of(watched_.begin(), watched_.end(), [](const auto& one) {
    return one->ended || (one->job.settled() && one->job.lost_count() > 0);
  });
}

bool AwaitedJobs::AllKnown() const {
  return std::all_of(watched_.begin(), watched_.end(),
                     [](const auto& one) { return one->job.known(); });
}

}  // namespace tutti::cli
