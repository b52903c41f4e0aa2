// Who of a job may start, and when.
#ifndef CONTROLLER_ROLLOUT_ROLLOUT_H_
#define CONTROLLER_ROLLOUT_ROLLOUT_H_

#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "controller/rollout/canary.h"
#include "controller/rollout/failure_budget.h"
#include "controller/rollout/quorum.h"
#include "controller/rollout/rollout_options.h"
#include "controller/rollout/start_pace.h"
#include "controller/rollout/turn_queue.h"
#include "tutti/v1/task.pb.h"

namespace tutti::controller {

// The rollout of one job: a quorum, a canary, how many tasks are in flight at
// once, in all and of each value of a label, in batches, at which pace, how
// many may fail, a hold, and how long to wait for targets that are offline.
// Tasks start in the order in which they were added or came online. It only
// decides: it is told what happens and asked what may be done. No call costs
// more than it answers, amortised. Not thread-safe.
//
// Two clocks: pauses between starts are of a clock that does not jump
// ("steady"), the times at which targets are given up of the time of day
// ("wall").
class Rollout {
 public:
  Rollout(const RolloutOptions& options, uint32_t tasks);

  // Before a task is added: its target was offline when the job started.
  void NoteOfflineAtStart(uint32_t task) {
    tasks_[task].offline_at_start = true;
  }
  // Each task is added once, as it is at the start.
  void AddOnline(uint32_t task);
  // Given up at `give_up_at` (wall) unless it comes online before.
  void AddOffline(uint32_t task, absl::Time give_up_at);
  // It was started before the controller was; it takes a place.
  void AddInFlight(uint32_t task);
  // It was final before the controller was started.
  void AddFinal(uint32_t task, v1::TaskState state);
  // Something of it was started before the controller was.
  void NoteStarted() { quorum_.Pass(); }

  // The target of a task that has not started came online or went offline.
  // One that goes offline before it could start keeps its turn and is given up
  // only when that has come, or while there is no quorum. Without effect on
  // other tasks.
  void Connect(uint32_t task);
  void Disconnect(uint32_t task, absl::Time give_up_at);
  // From now on, with `now` steady. Seed and the places of labels stay as they
  // are, so does a quorum that is not open, and a limit that was reached.
  void SetOptions(const RolloutOptions& options, absl::Time now);
  // While held, nothing starts.
  void SetHeld(bool held) { held_ = held; }
  // What max_per_label means for each task, from now on.
  void SetLabelPlaces(const LabelPlaces& places);

  // Targets that are to be asked now whether they would start their tasks, and
  // one that would; one that would not has its task finished.
  std::vector<uint32_t> TakeToAsk() { return quorum_.TakeToAsk(); }
  void Accept(uint32_t task) { quorum_.Accept(task); }
  void GiveUpQuorum() { quorum_.GiveUp(); }
  // Nothing starts before it is reached.
  const Quorum& quorum() const { return quorum_; }

  // A task in flight counts as lost: its place is free, and it has failed until
  // Finish says otherwise. Without effect on other tasks.
  void Lose(uint32_t task);
  // A task is in a final state, whether it was in flight, lost or had not
  // started. A later call corrects an earlier one.
  void Finish(uint32_t task, v1::TaskState state);

  // Tasks that start now; they are in flight from here on. `now`: steady.
  std::vector<uint32_t> TakeStartable(absl::Time now);
  // Tasks that waited long enough; they will not start, and Finish is due.
  // Where that counts as a failure, no more than may fail. `now`: wall.
  std::vector<uint32_t> TakeExpired(absl::Time now);
  // One that has not started will not. False: it has, or is final.
  bool TakeWaiting(uint32_t task) { return Withdraw(task); }
  // Every task that has not started; none of them will.
  std::vector<uint32_t> TakeAllWaiting();

  // The canary did not complete, and nothing else starts before Approve.
  bool blocked() const {
    return canary_.blocked() && waiting_ > 0 &&
           budget_.reached() == Limit::kNone;
  }
  // Whether Approve changes anything: the canary has started, and the others
  // wait for it.
  bool MayApprove() const { return canary_.MayApprove(); }
  void Approve() { canary_.Approve(); }
  // Tasks that take a place or did: no canary can be smaller.
  uint32_t started() const { return canary_.started(); }

  // Which limit was reached: nothing starts any more.
  Limit limit_reached() const {
    return quorum_.out_of_reach() ? Limit::kQuorum : budget_.reached();
  }
  // When TakeStartable may have something to say because time has passed
  // (steady), after it was asked last; absl::InfiniteFuture: never.
  absl::Time NextStart() const;
  // The same of TakeExpired (wall).
  absl::Time NextExpiry() const;
  // Tasks that take a place: those that have started, and those that have their
  // turn and only wait for the splay or the start rate.
  uint32_t in_flight() const { return in_flight_; }

 private:
  enum class Phase : uint8_t {
    kNew,              // not added yet
    kQueued,           // online, waits for its turn
    kQueuedOffline,    // went offline while it waited for its turn
    kAdmitted,         // has a place, waits for the splay or the rate
    kAdmittedOffline,  // went offline while it waited for these
    kAbsent,           // could have started, but its target is offline
    kInFlight,
    kGone,
  };
  struct TaskEntry {
    Phase phase = Phase::kNew;
    bool offline_at_start = false;
    // Its target was waited for, and did not come.
    bool expired = false;
    // Counted as a failure.
    bool failed = false;
  };
  using Deadline = std::pair<absl::Time, uint32_t>;

  bool IsFailure(uint32_t task, v1::TaskState state) const;
  void SetFailed(uint32_t task, bool failed);

  void EndInFlight(uint32_t task, v1::TaskState state);
  bool MayAdmit() const;
  void OpenBatch(absl::Time now);
  void Admit(uint32_t task, absl::Time now);
  // What the pace lets go is added to `startable`. True when a place has
  // become free.
  bool StartAdmitted(absl::Time now, std::vector<uint32_t>& startable);
  void ReleasePlace(uint32_t task);
  void WaitUntil(uint32_t task, absl::Time give_up_at);
  bool IsDue(const Deadline& deadline) const;
  // Ends the wait of an absent task unless too many would fail.
  bool Expire(uint32_t task);
  // Takes one that has not started out. False when it is not such a task.
  bool Withdraw(uint32_t task);

  RolloutOptions options_;
  bool held_ = false;
  uint32_t in_flight_ = 0;
  // Tasks that were added and have not started.
  uint32_t waiting_ = 0;
  std::vector<TaskEntry> tasks_;
  FailureBudget budget_;
  StartPace pace_;

  Quorum quorum_;
  // Starts before the first batch.
  Canary canary_;
  // Of the batch that is starting: places left, and when it may start (steady;
  // absl::InfinitePast: it may).
  uint32_t batch_left_;
  absl::Time batch_opens_at_ = absl::InfinitePast();

  // Tasks in kQueued and kQueuedOffline, and some that have left these.
  TurnQueue queue_;
  // Of tasks in kAbsent, kQueuedOffline and kAdmittedOffline.
  absl::flat_hash_map<uint32_t, absl::Time> give_up_at_;
  // Heap, earliest first; entries that give_up_at_ does not confirm are old.
  std::vector<Deadline> deadlines_;
  // Due, but for the failures that may be left.
  std::deque<Deadline> overdue_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_ROLLOUT_ROLLOUT_H_
