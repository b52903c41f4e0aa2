#include "controller/core/content_feeds.h"

#include <algorithm>
#include <utility>

#include "common/base/errors.h"
#include "common/base/log.h"
#include "common/jobs/states.h"
#include "controller/core/job_input.h"

namespace tutti::controller {
namespace {

bool IsFed(const Job& job, uint32_t task) {
  return !job.description().content_digest.empty() &&
         !IsFinal(job.task(task).state);
}

}  // namespace

ContentFeeds::Feed& ContentFeeds::FeedOf(const Job& job, uint32_t task) {
  const TaskReference reference = {job.number(), task};
  const uint32_t attempt = job.task(task).attempt;
  if (const auto found = feeds_.find(reference);
      found != feeds_.end() && found->second->attempt != attempt) {
    Drop(reference);
  }
  std::unique_ptr<Feed>& feed = feeds_[reference];
  if (feed == nullptr) {
    feed = std::make_unique<Feed>();
    feed->attempt = attempt;
  }
  return *feed;
}

void ContentFeeds::OnRequests(const Job& job, uint32_t task,
                              std::string_view bytes) {
  if (!IsFed(job, task)) return;
  Feed& feed = FeedOf(job, task);
  if (feed.broken || feed.closed) return;
  if (feed.requests.size() + bytes.size() > kMaxRequestBytes) {
    log::Warning("job {}: {} asks for more than there can be; it gets no more",
                 job.number(), job.target(task));
    return Break(job, task, feed);
  }
  feed.requests += bytes;
  Read(job, task, feed);
}

void ContentFeeds::Break(const Job& job, uint32_t task, Feed& feed) {
  feed.broken = true;
  feed.requests = {};
  Clear(feed);
  Send(job, task, feed);
}

void ContentFeeds::OnLost(const Job& job, uint32_t task) {
  if (!IsFed(job, task)) return;
  Feed& feed = FeedOf(job, task);
  if (feed.broken || feed.closed) return;
  log::Warning(
      "job {}: {} can not be fed: its spool ran over, and what it asked for is "
      "lost; retry the job, with a larger spool_task_limit there",
      job.number(), job.target(task));
  Break(job, task, feed);
}

void ContentFeeds::OnReport(const Job& job, uint32_t task,
                            const v1::AttemptReport& report) {
  if (!IsFed(job, task)) return;
  Feed& feed = FeedOf(job, task);
  if (report.input_taken() > feed.taken) {
    feed.taken = report.input_taken();
    feed.idle_since = state_.steady.Now();
    feed.yielded = false;
  }
  ForgetTaken(feed);
  if (report.input_closed()) {
    feed.closed = true;
    feed.requests = {};
    Clear(feed);
  }
  Send(job, task, feed);
  Read(job, task, feed);
  ReadWaiting();
}

void ContentFeeds::Pump() {
  for (const TaskReference& reference : std::exchange(state_.feeds_due, {})) {
    OnTask(reference);
  }
  ReadWaiting();
}

void ContentFeeds::OnTask(const TaskReference& reference) {
  const auto found = feeds_.find(reference);
  if (found == feeds_.end()) return;
  const Job* job = state_.jobs.Find(reference.job);
  if (job == nullptr || IsFinal(job->task(reference.task).state)) {
    return Drop(reference);
  }
  Feed& feed = *found->second;
  feed.yielded = false;
  if (job->task(reference.task).state == v1::TASK_STATE_RUNNING) {
    Send(*job, reference.task, feed);
    Read(*job, reference.task, feed);
  } else {
    Park(feed);
  }
}

void ContentFeeds::Drop(const TaskReference& reference) {
  const auto found = feeds_.find(reference);
  Clear(*found->second);
  feeds_.erase(found);
}

void ContentFeeds::Clear(Feed& feed) {
  bytes_ -= std::exchange(feed.bytes, 0);
  feed.chunks.clear();
}

void ContentFeeds::Park(Feed& feed) {
  Clear(feed);
  feed.source = nullptr;
  feed.given = 0;
  feed.more = false;
  // What is being read then is for nobody.
  feed.reading = false;
}

void ContentFeeds::ForgetTaken(Feed& feed) {
  while (!feed.chunks.empty() && feed.first < feed.taken) {
    const uint64_t size = feed.chunks.front()->size();
    feed.bytes -= size;
    bytes_ -= size;
    feed.chunks.pop_front();
    ++feed.first;
  }
}

void ContentFeeds::Read(const Job& job, uint32_t task, Feed& feed) {
  const bool wanted = feed.more || feed.given < feed.requests.size();
  if (!wanted || feed.reading || feed.yielded || feed.broken || feed.closed ||
      feed.bytes >= kAheadBytes ||
      job.task(task).state != v1::TASK_STATE_RUNNING) {
    return;
  }
  const TaskReference reference = {job.number(), task};
  if (bytes_ + kReadBytes > kTotalBytes) {
    if (!std::exchange(feed.waiting, true)) waiting_.push_back(reference);
    if (yield_at_ == absl::InfiniteFuture()) {
      yield_at_ = state_.steady.Now() + kYieldAfter;
    }
    return;
  }
  if (feed.source == nullptr) {
    feed.source = std::make_shared<ContentFeed>(
        job.KeyOf(task), job.description().content_digest);
  }
  feed.reading = true;
  bytes_ += kReadBytes;
  ContentStep step;
  step.feed = feed.source;
  step.requests = feed.requests.substr(feed.given);
  step.from = feed.taken;
  feed.given = feed.requests.size();
  state_.effects.ReadContent(
      std::move(step),
      [this, reference, source = feed.source](absl::StatusOr<FedContent> fed) {
        OnRead(reference, source, std::move(fed));
        state_.settle();
      });
}

void ContentFeeds::OnRead(const TaskReference& reference,
                          const std::shared_ptr<ContentFeed>& source,
                          absl::StatusOr<FedContent> fed) {
  bytes_ -= kReadBytes;
  const auto found = feeds_.find(reference);
  const Job* job = state_.jobs.Find(reference.job);
  // It ended, or was parked, meanwhile.
  if (found == feeds_.end() || job == nullptr ||
      found->second->source != source) {
    return;
  }
  Feed& feed = *found->second;
  feed.reading = false;
  if (!fed.ok()) {
    log::Warning("job {}: {} can not be fed: {}", job->number(),
                 job->target(reference.task), TextOf(fed.status()));
    feed.broken = true;
  } else if (!feed.closed) {
    feed.more = fed->more;
    if (feed.chunks.empty()) {
      feed.first = fed->number;
      feed.idle_since = state_.steady.Now();
    }
    for (auto& chunk : fed->chunks) {
      feed.bytes += chunk->size();
      bytes_ += chunk->size();
      feed.chunks.push_back(std::move(chunk));
    }
    ForgetTaken(feed);
  }
  Send(*job, reference.task, feed);
  Read(*job, reference.task, feed);
}

void ContentFeeds::Send(const Job& job, uint32_t task, Feed& feed) {
  if (feed.closed || job.task(task).state != v1::TASK_STATE_RUNNING) return;
  const AgentLink* link = state_.links.Find(job.target(task));
  if (link == nullptr || link->session == 0 || !link->welcomed) return;
  if (feed.session != link->session) {
    feed.session = link->session;
    feed.sent = 0;
  }
  InputPiece piece;
  const uint64_t last = feed.first + feed.chunks.size();
  piece.number = std::max({feed.sent, feed.first, feed.taken});
  const uint64_t end = std::min(last, feed.taken + JobInput::kMaxInFlight);
  for (uint64_t number = piece.number; number < end; ++number) {
    piece.chunks.push_back(feed.chunks[number - feed.first]);
  }
  if (feed.broken && feed.chunks.empty()) {
    // The target ignores the end until it has come to that number.
    piece.number = feed.taken;
    piece.chunks.push_back(
        MakeContentChunk(job.KeyOf(task), feed.taken, std::nullopt));
  }
  if (piece.chunks.empty()) return;
  feed.sent = piece.number + piece.chunks.size();
  piece.key = job.KeyOf(task);
  state_.effects.SendInput(link->session, std::move(piece));
}

void ContentFeeds::ReadWaiting() {
  while (!waiting_.empty() && bytes_ + kReadBytes <= kTotalBytes) {
    const TaskReference reference = waiting_.front();
    waiting_.pop_front();
    const auto found = feeds_.find(reference);
    const Job* job = state_.jobs.Find(reference.job);
    if (found == feeds_.end() || job == nullptr) continue;
    found->second->waiting = false;
    Read(*job, reference.task, *found->second);
  }
  if (waiting_.empty()) yield_at_ = absl::InfiniteFuture();
}

absl::Time ContentFeeds::NextDeadline() const {
  return state_.WallOf(yield_at_);
}

void ContentFeeds::OnTime() {
  const absl::Time now = state_.steady.Now();
  if (now < yield_at_) return;
  yield_at_ = now + kYieldAfter;
  for (const auto& [reference, feed] : feeds_) {
    if (feed->bytes == 0 || now < feed->idle_since + kYieldAfter) continue;
    // Only what it has still to take can tell that it goes on.
    feed->yielded = feed->sent > feed->taken;
    Park(*feed);
  }
  ReadWaiting();
}

}  // namespace tutti::controller
