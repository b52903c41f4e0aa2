// What the core sends, and when.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/base/errors.h"
#include "common/base/log.h"
#include "common/jobs/states.h"
#include "common/records/record_log.h"
#include "common/relay/core.h"

namespace tutti::relay {
namespace {

// Output of a live attempt rides on the session up to this backlog...
constexpr uint64_t kLiveBacklog = 16 << 10;
// ...as long as no more than this is unacknowledged over all attempts.
constexpr uint64_t kLiveWindow = 64 << 10;
// Output that a final report may carry, and the window for such reports.
constexpr uint64_t kFinalOutput = 32 << 10;
constexpr uint64_t kFinalWindow = 256 << 10;

constexpr uint64_t kBulkMessageBytes = 256 << 10;
constexpr int kMaxReportAttempts = 1000;
constexpr absl::Duration kBulkIdle = absl::Seconds(10);
constexpr absl::Duration kMinBulkBackoff = absl::Seconds(1);
constexpr absl::Duration kMaxBulkBackoff = absl::Seconds(30);

// What is before this the controller will never get from here; 0: it can get
// everything.
uint64_t FirstHeld(const Attempt& attempt) {
  return std::max(attempt.start_position, attempt.lost_before);
}

}  // namespace

void Core::MarkDue(Attempt& attempt) {
  if (session_ != Session::kOpen || !attempt.greeted || attempt.due) return;
  attempt.due = true;
  due_.push_back(&attempt);
}

void Core::WakeWaiting() {
  for (Attempt* attempt : waiting_) {
    attempt->waiting = false;
    MarkDue(*attempt);
  }
  waiting_.clear();
}

// Notes what was said, so that the next report is only sent when it differs.
v1::AttemptReport Core::Describe(Attempt& attempt, bool final) const {
  v1::AttemptReport report;
  *report.mutable_key() = attempt.key;
  v1::AttemptStatus& status = *report.mutable_status();
  if (final || !IsFinal(attempt.status.state())) {
    status = attempt.status;
  } else {
    // Its output comes first.
    status.set_state(v1::TASK_STATE_RUNNING);
    if (attempt.status.has_started_at()) {
      *status.mutable_started_at() = attempt.status.started_at();
    }
  }
  if (status.state() == v1::TASK_STATE_UNSPECIFIED) {
    status.set_state(v1::TASK_STATE_ASSIGNED);
  }
  report.set_end_position(attempt.end_position);
  report.set_start_position(FirstHeld(attempt));
  report.set_input_taken(attempt.input.first);
  report.set_input_closed(attempt.input_closed);
  attempt.reported_input = report.input_taken();
  attempt.reported_input_closed = report.input_closed();
  attempt.reported_state = status.state();
  attempt.reported_start = report.start_position();
  return report;
}

bool Core::MayReportFinal(const Attempt& attempt) const {
  if (!IsFinal(attempt.status.state()) || Unsent(attempt) > 0) return false;
  // The session is in order with itself, not with the bulk stream.
  return attempt.way == Way::kSession || attempt.session_bytes > 0 ||
         !InFlight(attempt);
}

Core::Travel Core::ChooseTravel(const Attempt& attempt) const {
  const bool final = IsFinal(attempt.status.state());
  const uint64_t unsent = Unsent(attempt);
  const uint64_t most = final ? kFinalOutput : kLiveBacklog;
  const bool idle = !InFlight(attempt);
  if (attempt.way == Way::kBulk && !(final && idle && unsent <= most)) {
    return Travel::kBulk;
  }
  if (unsent > most) return idle ? Travel::kBulk : Travel::kWait;
  const uint64_t window = final ? kFinalWindow : kLiveWindow;
  return session_bytes_ + unsent <= window ? Travel::kRide : Travel::kWait;
}

void Core::StartOutput(Attempt& attempt, v1::AttemptReport& entry) {
  switch (ChooseTravel(attempt)) {
    case Travel::kRide:
      if (const absl::Status status = AddOutput(attempt, entry); !status.ok()) {
        GiveUpOutput(attempt, status);
      }
      break;
    case Travel::kBulk:
      attempt.way = Way::kBulk;
      if (!std::exchange(attempt.in_bulk, true)) {
        bulk_attempts_.push_back(&attempt);
      }
      break;
    case Travel::kWait:
      if (!std::exchange(attempt.waiting, true)) waiting_.push_back(&attempt);
      break;
  }
}

void Core::AddReport(Attempt& attempt, v1::AgentReport& report) {
  const v1::TaskState state = attempt.status.state();
  if (attempt.final_sent || state == v1::TASK_STATE_UNSPECIFIED ||
      attempt.desired == v1::DESIRED_STATE_FORGET) {
    return;
  }
  v1::AttemptReport entry;
  if (Unsent(attempt) > 0) StartOutput(attempt, entry);
  const bool final = MayReportFinal(attempt);
  const uint64_t start = FirstHeld(attempt);
  const bool gap = start > std::max(attempt.sent, kLogHeaderBytes) &&
                   start > attempt.reported_start;
  const bool news = !IsFinal(state)
                        ? state != attempt.reported_state
                        : attempt.reported_state != v1::TASK_STATE_RUNNING;
  const bool input = attempt.input.first != attempt.reported_input ||
                     attempt.input_closed != attempt.reported_input_closed;
  if (!final && !gap && !news && !input && entry.output_size() == 0) return;
  v1::AttemptReport& added = *report.add_attempts();
  added = Describe(attempt, final);
  added.mutable_output()->Swap(entry.mutable_output());
  attempt.final_sent = final;
}

absl::StatusOr<SpoolReader::Batch> Core::ReadNext(Attempt& attempt,
                                                  size_t max_bytes) {
  auto batch = spool_.Read(attempt.key, SendFrom(attempt), attempt.end_position,
                           max_bytes);
  if (!absl::IsOutOfRange(batch.status())) return batch;
  batch = spool_.Read(attempt.key, 0, attempt.end_position, max_bytes);
  if (!batch.ok()) return batch;
  attempt.start_position = batch->chunks.empty()
                               ? batch->next_position
                               : batch->chunks.front().position();
  return batch;
}

absl::Status Core::AddOutput(Attempt& attempt, v1::AttemptReport& report) {
  while (Unsent(attempt) > 0) {
    const uint64_t from = SendFrom(attempt);
    auto batch = ReadNext(attempt, kFinalOutput);
    if (!batch.ok()) return std::move(batch).status();
    if (batch->next_position <= from) {
      if (!IsFinal(attempt.status.state())) break;
      return DataLoss("the spool ends at {} rather than at {}", from,
                      attempt.end_position);
    }
    for (v1::OutputChunk& chunk : batch->chunks) {
      *report.add_output() = std::move(chunk);
    }
    attempt.sent = batch->next_position;
    // All that is in flight now rides on the session, also when earlier
    // output went over bulk.
    const uint64_t base =
        std::max(attempt.acknowledged, FirstPosition(attempt));
    const uint64_t bytes = attempt.sent > base ? attempt.sent - base : 0;
    session_bytes_ += bytes - attempt.session_bytes;
    attempt.session_bytes = bytes;
  }
  return absl::OkStatus();
}

// After `acknowledged` changed.
void Core::UpdateSessionBytes(Attempt& attempt) {
  if (attempt.session_bytes == 0) return;
  const uint64_t left =
      InFlight(attempt)
          ? std::min(attempt.session_bytes, attempt.sent - attempt.acknowledged)
          : 0;
  if (left == attempt.session_bytes) return;
  session_bytes_ -= attempt.session_bytes - left;
  attempt.session_bytes = left;
  WakeWaiting();
}

// What can not be read is reported as trimmed, so that the controller counts
// it as missing and the attempt can end.
void Core::GiveUpOutput(Attempt& attempt, const absl::Status& why) {
  // First the acknowledgement of what was readable.
  if (InFlight(attempt)) return;
  log::Error("output of an attempt is lost from position {} to {}: {}",
             SendFrom(attempt), attempt.end_position, TextOf(why));
  attempt.lost_before = attempt.end_position;
  attempt.sent = attempt.acknowledged = attempt.end_position;
  MarkDue(attempt);
}

void Core::FlushReports() {
  while (session_writable_ && (!due_.empty() || !fetch_failures_.empty() ||
                               attributes_due_ || checks_.has_verdicts())) {
    v1::AgentReport report;
    if (std::exchange(attributes_due_, false)) {
      *report.mutable_attributes() = host_.attributes;
    }
    for (v1::FetchFailure& failure : fetch_failures_) {
      *report.add_fetch_failures() = std::move(failure);
    }
    fetch_failures_.clear();
    checks_.TakeVerdicts(report);
    // Reporting may make an attempt due again; that is for the next round.
    std::vector<Attempt*> round = std::exchange(due_, {});
    size_t taken = 0;
    while (taken < round.size() &&
           report.attempts_size() < kMaxReportAttempts) {
      Attempt& attempt = *round[taken++];
      attempt.due = false;
      AddReport(attempt, report);
    }
    due_.insert(due_.begin(), round.begin() + taken, round.end());
    if (report.attempts_size() + report.fetch_failures_size() +
                report.verdicts_size() ==
            0 &&
        !report.has_attributes()) {
      continue;
    }
    session_writable_ = controller_.SendReport(std::move(report));
  }
}

void Core::Flush() {
  if (session_ != Session::kOpen) return;
  FlushReports();
  FlushBulk();
  // Bulk that could not be read, and fetches that failed.
  FlushReports();
}

bool Core::HasBulkWork() const {
  return !bulk_attempts_.empty() || !fetches_.empty();
}

void Core::FlushBulk() {
  if (!HasBulkWork()) return;
  if (!bulk_open_) {
    if (clock_.Now() < bulk_retry_at_) return;
    controller_.OpenBulk();
    bulk_open_ = bulk_writable_ = true;
  }
  bulk_used_at_ = clock_.Now();
  while (bulk_writable_ && HasBulkWork()) {
    fetch_next_ = !fetch_next_;
    if (!fetches_.empty() && (fetch_next_ || bulk_attempts_.empty())) {
      Fetch fetch = std::move(fetches_.front());
      fetches_.erase(fetches_.begin());
      SendFetch(fetch);
    } else {
      Attempt& attempt = *bulk_attempts_.front();
      bulk_attempts_.erase(bulk_attempts_.begin());
      attempt.in_bulk = false;
      SendBulk(attempt);
    }
  }
}

// One message; the attempt goes to the end of the line when it has more.
void Core::SendBulk(Attempt& attempt) {
  const uint64_t from = SendFrom(attempt);
  const uint64_t limit = BulkLimit(attempt);
  if (Unsent(attempt) == 0 || from >= limit) return;
  auto batch = ReadNext(attempt, std::min(kBulkMessageBytes, limit - from));
  if (!batch.ok()) {
    GiveUpOutput(attempt, batch.status());
    return;
  }
  if (batch->next_position <= from) {
    if (IsFinal(attempt.status.state())) {
      GiveUpOutput(attempt, DataLoss("the spool ends before its last record"));
    }
    return;
  }
  v1::SendOutputRequest request;
  *request.mutable_key() = attempt.key;
  request.set_start_position(FirstHeld(attempt));
  for (v1::OutputChunk& chunk : batch->chunks) {
    *request.add_output() = std::move(chunk);
  }
  attempt.sent = batch->next_position;
  attempt.in_bulk = true;
  bulk_attempts_.push_back(&attempt);
  bulk_writable_ = controller_.SendOutput(std::move(request));
}

void Core::SendFetch(Fetch& fetch) {
  const v1::AttemptKey& key = fetch.request.key();
  const Attempt* attempt = Find(key);
  const uint64_t end =
      attempt != nullptr ? attempt->end_position : SpoolSource::kEndOfSpool;
  // Records are whole, so the last one may go beyond what was asked for.
  const uint64_t limit = fetch.request.to_position() == 0
                             ? end
                             : std::min(end, fetch.request.to_position());
  const uint64_t wanted = limit - std::min(limit, fetch.position);
  auto batch = wanted == 0
                   ? absl::StatusOr<SpoolReader::Batch>(SpoolReader::Batch{})
                   : spool_.Read(key, fetch.position, end,
                                 std::min<uint64_t>(wanted, kBulkMessageBytes));
  if (!batch.ok()) {
    FailFetch(fetch, std::string(TextOf(batch.status())));
    return;
  }
  const bool done = batch->chunks.empty() || batch->next_position >= limit;
  if (!batch->chunks.empty()) {
    v1::SendOutputRequest request;
    *request.mutable_key() = key;
    request.set_fetch_id(fetch.request.fetch_id());
    for (v1::OutputChunk& chunk : batch->chunks) {
      *request.add_output() = std::move(chunk);
    }
    bulk_writable_ = controller_.SendOutput(std::move(request));
  }
  if (done) {
    v1::SendOutputRequest request;
    *request.mutable_key() = key;
    request.set_fetch_id(fetch.request.fetch_id());
    request.set_fetch_done(true);
    bulk_writable_ = controller_.SendOutput(std::move(request));
    if (Find(key) == nullptr) spool_.Close(key);
    return;
  }
  fetch.position = batch->next_position;
  fetch.begun = true;
  fetches_.push_back(std::move(fetch));
}

void Core::FailFetch(const Fetch& fetch, std::string reason) {
  v1::FetchFailure& failure = fetch_failures_.emplace_back();
  failure.set_fetch_id(fetch.request.fetch_id());
  failure.set_reason(std::move(reason));
}

bool Core::BulkInFlight() const {
  return std::any_of(attempts_.begin(), attempts_.end(), [](const auto& entry) {
    const Attempt& attempt = entry.second;
    return attempt.way == Way::kBulk && attempt.session_bytes == 0 &&
           InFlight(attempt);
  });
}

void Core::OnBulkClosed(bool anything_sent) {
  if (!bulk_open_) return;
  bulk_open_ = false;
  const bool fetching =
      std::any_of(fetches_.begin(), fetches_.end(),
                  [](const Fetch& fetch) { return fetch.begun; });
  if (anything_sent && (fetching || BulkInFlight())) {
    // Only a welcome tells where to go on: output that is sent again from an
    // older acknowledgement would be cut into other chunks than before, which
    // the controller could not fit to what it has.
    RestartSession(
        Unavailable("the stream for bulk output broke with output in flight"));
    return;
  }
  bulk_backoff_ =
      std::clamp(bulk_backoff_ * 2, kMinBulkBackoff, kMaxBulkBackoff);
  bulk_retry_at_ = clock_.Now() + bulk_backoff_;
  for (auto& [unused, attempt] : attempts_) {
    if (attempt.way != Way::kBulk || attempt.session_bytes > 0) continue;
    attempt.sent = attempt.acknowledged;
    MarkDue(attempt);
  }
  for (Fetch& fetch : fetches_) {
    fetch.position = fetch.request.from_position();
    fetch.begun = false;
  }
}

absl::Time Core::NextDeadline() const {
  if (session_ != Session::kOpen) return absl::InfiniteFuture();
  if (bulk_open_) return bulk_used_at_ + kBulkIdle;
  return HasBulkWork() ? bulk_retry_at_ : absl::InfiniteFuture();
}

void Core::OnTime() {
  const absl::Time now = clock_.Now();
  if (!bulk_open_ || now < bulk_used_at_ + kBulkIdle) return;
  if (HasBulkWork() || BulkInFlight()) {
    bulk_used_at_ = now;
    return;
  }
  bulk_open_ = false;
  bulk_backoff_ = absl::ZeroDuration();
  controller_.CloseBulk();
}

}  // namespace tutti::relay
