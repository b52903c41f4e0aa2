#include "controller/core/watches.h"

#include <algorithm>
#include <utility>

#include "common/base/errors.h"
#include "common/jobs/states.h"

namespace tutti::controller {
namespace {

// A fetch that brings nothing for so long is begun anew: the agent may have
// answered on a stream that broke. A slow link brings a message in that time.
constexpr absl::Duration kFetchTimeout = absl::Seconds(60);
// At a thousand tasks a second a few of them share a response, and nobody sees
// the difference. Full ones go as fast as they can.
constexpr absl::Duration kGatherFor = absl::Milliseconds(5);
constexpr size_t kSmallResponseBytes = Watch::kResponseBytes / 4;

}  // namespace

void Watches::Open(WatchId id, std::string_view operator_name,
                   const v1::WatchJobRequest& request) {
  absl::StatusOr<Job*> job = state_.jobs.Select(request.job(), operator_name);
  if (!job.ok()) {
    state_.effects.EndWatch(id, job.status());
    return;
  }
  if (request.attempt() > (*job)->attempts().size()) {
    state_.effects.EndWatch(
        id,
        NotFound("job {} has no attempt {}; the newest is {}", (*job)->number(),
                 request.attempt(), (*job)->attempts().size()));
    return;
  }
  auto entry = std::make_unique<Entry>(id, **job, request);
  Watch& watch = entry->watch;
  watches_[id] = std::move(entry);
  by_job_[(*job)->number()].push_back(id);
  PumpLater(watch);
}

void Watches::OnReady(WatchId id) {
  Entry* entry = Find(id);
  if (entry == nullptr) return;
  entry->watch.ready = true;
  PumpLater(entry->watch);
}

void Watches::OnClosed(WatchId id) {
  const auto found = watches_.find(id);
  if (found == watches_.end()) return;
  const uint64_t job = found->second->watch.job();
  watches_.erase(found);
  const auto of_job = by_job_.find(job);
  if (of_job == by_job_.end()) return;
  EraseUnordered(of_job->second, id);
  Job* watched = state_.jobs.Find(job);
  if (of_job->second.empty()) {
    by_job_.erase(of_job);
    if (watched != nullptr) state_.CheckReaderLater(*watched);
    return;
  }
  if (watched == nullptr || !watched->description().no_keep) return;
  // Perhaps the others only waited for this one.
  for (uint32_t task = 0; task < watched->size(); ++task) {
    for (uint32_t attempt = watched->task(task).attempt; attempt > 0;
         --attempt) {
      DropSent(*watched, task, attempt);
    }
  }
}

void Watches::DropSent(Job& job, const v1::WatchJobResponse& response) {
  if (!job.description().no_keep) return;
  for (const v1::TaskUpdate& update : response.tasks()) {
    if (update.output_size() == 0) continue;
    DropSent(job, update.task(), update.attempt());
  }
}

void Watches::DropSent(Job& job, uint32_t task, uint32_t attempt) {
  const auto readers = by_job_.find(job.number());
  TaskOutput* output = job.OutputOf(task, attempt);
  if (readers == by_job_.end() || output == nullptr) return;
  std::optional<uint64_t> least;
  for (const WatchId id : readers->second) {
    const std::optional<uint64_t> sent =
        Find(id)->watch.SentUpTo(task, attempt);
    if (sent.has_value()) least = std::min(least.value_or(*sent), *sent);
  }
  if (!least.has_value()) return;
  const uint64_t held = output->held_bytes();
  ResultStore::DropRead(*output, *least);
  if (job.description().paced && output->held_bytes() < held &&
      attempt == job.task(task).attempt) {
    state_.credit_due.push_back({job.number(), task});
  }
}

template <typename Function>
void Watches::ForEachWatch(const Job& job, Function function) {
  const auto found = by_job_.find(job.number());
  if (found == by_job_.end()) return;
  for (WatchId id : found->second) {
    Entry& entry = *Find(id);
    function(entry);
    PumpLater(entry.watch);
  }
}

void Watches::JobChanged(const Job& job) {
  ForEachWatch(job, [](Entry& entry) { entry.watch.NoteJob(); });
}

void Watches::TaskChanged(const Job& job, uint32_t task) {
  ForEachWatch(job, [&](Entry& entry) {
    entry.watch.NoteStatus(task);
    // What a final task's target did not send it may never send.
    if (IsFinal(job.task(task).state) && entry.absent.erase(task) > 0) {
      entry.watch.Retry(task);
    }
  });
}

void Watches::OutputArrived(const Job& job, uint32_t task) {
  ForEachWatch(job, [&](Entry& entry) { entry.watch.NoteOutput(task); });
}

void Watches::JobRemoved(const Job& job) {
  const auto found = by_job_.find(job.number());
  if (found == by_job_.end()) return;
  const std::vector<WatchId> ids = std::move(found->second);
  by_job_.erase(found);
  for (WatchId id : ids) {
    End(*Find(id), NotFound("job {} was removed", job.number()));
  }
}

void Watches::AgentConnected(const AgentLink& link) {
  for (const auto& [id, entry] : watches_) {
    if (entry->absent.empty()) continue;
    const Job* job = state_.jobs.Find(entry->watch.job());
    const std::optional<uint32_t> task = job->IndexOf(link.name);
    if (!task.has_value() || entry->absent.erase(*task) == 0) continue;
    entry->watch.Retry(*task);
    PumpLater(entry->watch);
  }
}

void Watches::AgentDisconnected(AgentLink& link) {
  const std::vector<uint64_t> fetch_ids = std::exchange(link.fetches, {});
  for (uint64_t fetch_id : fetch_ids) {
    EndFetch(link, fetch_id, Watch::FetchEnd::kInterrupted);
  }
}

void Watches::OnFetched(AgentLink& link, v1::SendOutputRequest request) {
  const auto found = fetches_.find(request.fetch_id());
  if (found == fetches_.end() || found->second.target != link.name) return;
  Fetch& fetch = found->second;
  fetch.progress_at = state_.steady.Now();
  if (Entry* entry = Find(fetch.watch)) {
    for (v1::OutputChunk& chunk : *request.mutable_output()) {
      if (!entry->watch.ExpectsFetched(fetch.task, chunk)) continue;
      entry->watch.AddFetched(fetch.task, state_.results.Take(chunk));
    }
    PumpLater(entry->watch);
  }
  if (request.fetch_done()) {
    EndFetch(link, request.fetch_id(), Watch::FetchEnd::kComplete);
  }
}

void Watches::OnFetchFailed(AgentLink& link, const v1::FetchFailure& failure) {
  EndFetch(link, failure.fetch_id(), Watch::FetchEnd::kUnable);
}

void Watches::Pump() {
  while (!to_pump_.empty()) {
    const std::vector<WatchId> ids = std::exchange(to_pump_, {});
    for (WatchId id : ids) {
      Entry* entry = Find(id);
      if (entry == nullptr) continue;
      entry->watch.pump_due = false;
      PumpOne(*entry);
    }
  }
}

absl::Time Watches::NextDeadline() const {
  absl::Time steady = absl::InfiniteFuture();
  if (!fetch_checks_.empty()) steady = fetch_checks_[0].at;
  if (!gathering_.empty()) steady = std::min(steady, gathering_[0].until);
  return std::min(grace_needed_ ? state_.grace_end() : absl::InfiniteFuture(),
                  state_.WallOf(steady));
}

void Watches::CheckFetches() {
  const absl::Time now = state_.steady.Now();
  while (!fetch_checks_.empty() && fetch_checks_[0].at <= now) {
    const uint64_t fetch_id = fetch_checks_[0].fetch_id;
    fetch_checks_.pop_front();
    const auto found = fetches_.find(fetch_id);
    if (found == fetches_.end()) continue;
    const Fetch& fetch = found->second;
    if (fetch.progress_at + kFetchTimeout > now) {
      fetch_checks_.push_back({now + kFetchTimeout, fetch_id});
      continue;
    }
    AgentLink& link = state_.links.Get(fetch.target);
    v1::SessionResponse response;
    response.mutable_directives()->add_cancelled_fetches(fetch_id);
    state_.effects.Send(link.session, std::move(response));
    EndFetch(link, fetch_id, Watch::FetchEnd::kInterrupted);
  }
}

void Watches::EndGathering() {
  const absl::Time now = state_.steady.Now();
  while (!gathering_.empty() && gathering_[0].until <= now) {
    Entry* entry = Find(gathering_[0].id);
    gathering_.pop_front();
    if (entry == nullptr) continue;
    entry->gathering = false;
    PumpLater(entry->watch);
  }
}

void Watches::OnTime() {
  CheckFetches();
  EndGathering();
  if (!grace_needed_ || state_.clock.Now() < state_.grace_end()) return;
  grace_needed_ = false;
  for (const auto& [id, entry] : watches_) {
    const auto absent = std::exchange(entry->absent, {});
    for (const auto& [task, wanted] : absent) entry->watch.Retry(task);
    PumpLater(entry->watch);
  }
}

Watches::Entry* Watches::Find(WatchId id) {
  const auto found = watches_.find(id);
  return found == watches_.end() ? nullptr : found->second.get();
}

void Watches::PumpLater(Watch& watch) {
  if (watch.pump_due || !watch.ready) return;
  watch.pump_due = true;
  to_pump_.push_back(watch.id());
}

bool Watches::Gathers(Entry& entry, const Job& job) {
  if (state_.steady.Now() >= entry.gathers_until || IsFinal(job.state())) {
    return false;
  }
  if (!std::exchange(entry.gathering, true)) {
    gathering_.push_back({entry.gathers_until, entry.watch.id()});
  }
  return true;
}

void Watches::PumpOne(Entry& entry) {
  Watch& watch = entry.watch;
  Job& job = *state_.jobs.Find(watch.job());
  if (Gathers(entry, job)) return;
  const auto last_seen = [this](const std::string& target) {
    return state_.LastSeen(target);
  };
  while (watch.ready) {
    std::optional<v1::WatchJobResponse> response = watch.Build(job, last_seen);
    const std::vector<WantedOutput> wanted = watch.TakeWanted();
    for (const WantedOutput& part : wanted) Satisfy(entry, part);
    StartPostponed(entry);
    if (response.has_value()) {
      watch.ready = false;
      DropSent(job, *response);
      if (watch.follow() && response->ByteSizeLong() < kSmallResponseBytes) {
        entry.gathers_until = state_.steady.Now() + kGatherFor;
      }
      state_.effects.SendToWatch(watch.id(), *std::move(response));
    } else if (watch.Done(job)) {
      End(entry, absl::OkStatus());
      return;
    } else if (watch.idle()) {
      return;
    }
  }
}

void Watches::End(Entry& entry, absl::Status status) {
  const WatchId id = entry.watch.id();
  OnClosed(id);
  state_.effects.EndWatch(id, std::move(status));
}

void Watches::Satisfy(Entry& entry, const WantedOutput& wanted) {
  const Job& job = *state_.jobs.Find(entry.watch.job());
  AgentLink* link = state_.links.Find(job.target(wanted.task));
  if (job.description().no_keep) {
    // The target has given it away as well.
    entry.watch.GiveUp(wanted);
    return;
  }
  if (link != nullptr && link->session != 0) {
    if (entry.watch.reserved_bytes() + Watch::FetchSize(wanted) >
        Watch::kAllFetchesBytes) {
      entry.postponed.push_back(wanted);
    } else {
      StartFetch(entry, *link, wanted);
    }
  } else if (MayComeBack(entry.watch, job.task(wanted.task))) {
    entry.absent[wanted.task] = wanted;
    grace_needed_ = grace_needed_ || state_.clock.Now() < state_.grace_end();
  } else {
    entry.watch.GiveUp(wanted);
  }
}

void Watches::StartPostponed(Entry& entry) {
  while (!entry.postponed.empty() &&
         entry.watch.reserved_bytes() +
                 Watch::FetchSize(entry.postponed.front()) <=
             Watch::kAllFetchesBytes) {
    const WantedOutput wanted = entry.postponed.front();
    entry.postponed.pop_front();
    Satisfy(entry, wanted);
  }
}

void Watches::StartFetch(Entry& entry, AgentLink& link,
                         const WantedOutput& wanted) {
  const Job& job = *state_.jobs.Find(entry.watch.job());
  const uint64_t fetch_id = next_fetch_id_++;
  const absl::Time now = state_.steady.Now();
  fetches_[fetch_id] = {entry.watch.id(), wanted.task, link.name, now};
  fetch_checks_.push_back({now + kFetchTimeout, fetch_id});
  link.fetches.push_back(fetch_id);
  entry.watch.BeginFetch(wanted);
  v1::SessionResponse response;
  v1::FetchOutput& fetch = *response.mutable_directives()->add_fetches();
  fetch.set_fetch_id(fetch_id);
  *fetch.mutable_key() = job.KeyOf(wanted.task, wanted.attempt);
  fetch.set_from_position(wanted.from);
  fetch.set_to_position(wanted.from + Watch::FetchSize(wanted));
  state_.effects.Send(link.session, std::move(response));
}

bool Watches::MayComeBack(const Watch& watch, const Task& task) const {
  return state_.clock.Now() < state_.grace_end() ||
         (watch.follow() && !IsFinal(task.state));
}

void Watches::EndFetch(AgentLink& link, uint64_t fetch_id,
                       Watch::FetchEnd end) {
  const auto found = fetches_.find(fetch_id);
  if (found == fetches_.end()) return;
  const Fetch fetch = std::move(found->second);
  fetches_.erase(found);
  EraseUnordered(link.fetches, fetch_id);
  Entry* entry = Find(fetch.watch);
  if (entry == nullptr) return;
  entry->watch.EndFetch(fetch.task, end);
  PumpLater(entry->watch);
}

}  // namespace tutti::controller
