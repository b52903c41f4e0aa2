// Jobs whose targets wait for a reader.
#ifndef CONTROLLER_CORE_UNREAD_JOBS_H_
#define CONTROLLER_CORE_UNREAD_JOBS_H_

#include <cstdint>

#include "absl/container/btree_map.h"
#include "absl/time/time.h"
#include "controller/core/core_state.h"
#include "controller/core/dispatcher.h"
#include "controller/core/watches.h"

namespace tutti::controller {

// Ends a paced job that nobody reads: what it sends is for the one who started
// it, who is gone, and it would wait until its deadline. Not thread-safe.
class UnreadJobs {
 public:
  // After so long without a reader none is expected any more. A CLI whose
  // connection broke is back within seconds.
  static constexpr absl::Duration kGiveUpAfter = absl::Minutes(1);

  UnreadJobs(CoreState& state, const Watches& watches, Dispatcher& dispatcher)
      : state_(state), watches_(watches), dispatcher_(dispatcher) {}
  UnreadJobs(const UnreadJobs&) = delete;
  UnreadJobs& operator=(const UnreadJobs&) = delete;

  // Takes up what an event has added to `state.unread_due`.
  void Pump();
  absl::Time NextDeadline() const;
  void OnTime();

 private:
  void End(Job& job);

  CoreState& state_;
  const Watches& watches_;
  Dispatcher& dispatcher_;
  // When a job ends unless somebody reads it then, by its number; steady time.
  absl::btree_map<uint64_t, absl::Time> end_at_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_CORE_UNREAD_JOBS_H_
