// How long jobs are kept.
#ifndef CONTROLLER_CORE_RETENTION_H_
#define CONTROLLER_CORE_RETENTION_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "controller/core/core_state.h"
#include "controller/core/journal_queue.h"
#include "controller/core/watches.h"

namespace tutti::controller {

// Forgets final jobs: when they are old, when there is no room, and when an
// operator says so. Not thread-safe.
class Retention {
 public:
  Retention(CoreState& state, JournalQueue& journal, Watches& watches)
      : state_(state), journal_(journal), watches_(watches) {}
  Retention(const Retention&) = delete;
  Retention& operator=(const Retention&) = delete;

  // Frees a final job and ends its watches.
  void Remove(Job& job);
  // Makes room for a job with so many tasks. RESOURCE_EXHAUSTED when there
  // are too many that are not final.
  absl::Status MakeRoom(uint64_t tasks);

  absl::Time NextDeadline() const;
  void OnTime();

 private:
  CoreState& state_;
  JournalQueue& journal_;
  Watches& watches_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_CORE_RETENTION_H_
