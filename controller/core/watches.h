// All watchers of all jobs.
#ifndef CONTROLLER_CORE_WATCHES_H_
#define CONTROLLER_CORE_WATCHES_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "controller/core/core_state.h"
#include "controller/core/watch.h"

namespace tutti::controller {

// Says to each watcher what is new, one response at a time, and fetches from
// the targets what memory does not hold. What comes in quick succession is
// gathered: small responses to one who follows are some milliseconds apart, but
// a job's end is told at once. Not thread-safe.
class Watches {
 public:
  explicit Watches(CoreState& state) : state_(state) {}
  Watches(const Watches&) = delete;
  Watches& operator=(const Watches&) = delete;

  void Open(WatchId id, std::string_view operator_name,
            const v1::WatchJobRequest& request);
  void OnReady(WatchId id);
  void OnClosed(WatchId id);

  bool IsWatched(const Job& job) const {
    return by_job_.contains(job.number());
  }

  // --- what is new; sent by the next Pump ---
  void JobChanged(const Job& job);
  void TaskChanged(const Job& job, uint32_t task);
  void OutputArrived(const Job& job, uint32_t task);
  // Ends its watches.
  void JobRemoved(const Job& job);

  // --- agents, as sources of what memory does not hold ---
  void AgentConnected(const AgentLink& link);
  void AgentDisconnected(AgentLink& link);
  void OnFetched(AgentLink& link, v1::SendOutputRequest request);
  void OnFetchFailed(AgentLink& link, const v1::FetchFailure& failure);

  // Sends to every watcher that has something new and is ready.
  void Pump();

  absl::Time NextDeadline() const;
  void OnTime();

 private:
  struct Entry {
    Entry(WatchId id, const Job& job, const v1::WatchJobRequest& request)
        : watch(id, job, request) {}
    Watch watch;
    // Nothing small before that; steady time.
    absl::Time gathers_until = absl::InfinitePast();
    // Is in gathering_.
    bool gathering = false;
    // Has no room for it among its fetches yet.
    std::deque<WantedOutput> postponed;
    // Its target is offline and may come back.
    absl::flat_hash_map<uint32_t, WantedOutput> absent;
  };
  struct Fetch {
    WatchId watch = 0;
    uint32_t task = 0;
    std::string target;
    // Of its beginning, or of what it brought last.
    absl::Time progress_at;
  };
  struct FetchCheck {
    absl::Time at;
    uint64_t fetch_id = 0;
  };
  struct Gathering {
    absl::Time until;
    WatchId id = 0;
  };

  Entry* Find(WatchId id);
  template <typename Function>
  void ForEachWatch(const Job& job, Function function);
  void PumpLater(Watch& watch);
  void PumpOne(Entry& entry);
  // Whether what is new waits for more.
  bool Gathers(Entry& entry, const Job& job);
  void EndGathering();
  void End(Entry& entry, absl::Status status);
  // Of a job that keeps nothing: drops what all who watch it were sent.
  void DropSent(Job& job, const v1::WatchJobResponse& response);
  void DropSent(Job& job, uint32_t task, uint32_t attempt);

  void Satisfy(Entry& entry, const WantedOutput& wanted);
  void StartPostponed(Entry& entry);
  void StartFetch(Entry& entry, AgentLink& link, const WantedOutput& wanted);
  bool MayComeBack(const Watch& watch, const Task& task) const;
  // Asks again for what a broken stream has swallowed.
  void CheckFetches();
  void EndFetch(AgentLink& link, uint64_t fetch_id, Watch::FetchEnd end);

  CoreState& state_;
  absl::flat_hash_map<WatchId, std::unique_ptr<Entry>> watches_;
  absl::flat_hash_map<uint64_t, std::vector<WatchId>> by_job_;
  std::vector<WatchId> to_pump_;
  // The earliest first.
  std::deque<Gathering> gathering_;
  uint64_t next_fetch_id_ = 1;
  absl::flat_hash_map<uint64_t, Fetch> fetches_;
  // One for each of fetches_, or for one that has ended; the earliest first.
  std::deque<FetchCheck> fetch_checks_;
  // Somebody waits for agents to come back to a controller just started.
  bool grace_needed_ = false;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_CORE_WATCHES_H_
