// Who of a job may start, and when.
#ifndef CONTROLLER_ROLLOUT_ROLLOUT_H_
#define CONTROLLER_ROLLOUT_ROLLOUT_H_

#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"

namespace tutti::controller {

// The rollout of one job: a limit on how many tasks are in flight at once, a
// hold, and how long to wait for targets that are offline. Tasks start in the
// order in which they were added or came online. It only decides: it is told
// what happens and asked what may be done. No call costs more than it answers.
// Not thread-safe.
class Rollout {
 public:
  // At most `fanout` of `tasks` tasks in flight; 0: all at once.
  Rollout(uint32_t fanout, uint32_t tasks);

  // Each task is added once, as it is at the start.
  void AddOnline(uint32_t task);
  // Given up at `give_up_at` unless it comes online before.
  void AddOffline(uint32_t task, absl::Time give_up_at);
  // It was started before the controller was; it takes a place.
  void AddInFlight(uint32_t task);

  // The target of a task that has not started came online or went offline.
  // One that goes offline before its turn keeps its place in the queue and is
  // given up only when its turn has come. Without effect on other tasks.
  void Connect(uint32_t task);
  void Disconnect(uint32_t task, absl::Time give_up_at);
  // While held, nothing starts.
  void SetHeld(bool held) { held_ = held; }
  // A task in flight is final, or lost: its place is free. Without effect on
  // other tasks, so that both may happen to one.
  void Leave(uint32_t task);

  // Tasks whose turn it is now; they are in flight from here on.
  std::vector<uint32_t> TakeStartable(absl::Time now);
  // Tasks that waited long enough; they will not start.
  std::vector<uint32_t> TakeExpired(absl::Time now);
  // Every task that has not started; none of them will.
  std::vector<uint32_t> TakeAllWaiting();
  // Takes one that has not started out. False when it is not such a task.
  bool Withdraw(uint32_t task);

  // When TakeExpired may have something to say; absl::InfiniteFuture: never.
  absl::Time NextDeadline() const;
  uint32_t in_flight() const { return in_flight_; }

 private:
  enum class Phase : uint8_t {
    kNew,            // not added yet
    kQueued,         // online, waits for its turn
    kQueuedOffline,  // went offline while it waited for its turn
    kAbsent,         // its turn has come and its target is offline
    kInFlight,
    kGone,
  };
  using Deadline = std::pair<absl::Time, uint32_t>;

  bool MayStart() const {
    return !held_ && (fanout_ == 0 || in_flight_ < fanout_);
  }
  void WaitUntil(uint32_t task, absl::Time give_up_at);

  const uint32_t fanout_;
  bool held_ = false;
  uint32_t in_flight_ = 0;
  std::vector<Phase> phases_;
  // Tasks in kQueued and kQueuedOffline, and some that have left these.
  std::deque<uint32_t> queue_;
  // Of tasks in kAbsent and kQueuedOffline.
  absl::flat_hash_map<uint32_t, absl::Time> give_up_at_;
  // Heap, earliest first; entries that give_up_at_ does not confirm are old.
  std::vector<Deadline> deadlines_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_ROLLOUT_ROLLOUT_H_
