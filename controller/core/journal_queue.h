// The core's way into the journal.
#ifndef CONTROLLER_CORE_JOURNAL_QUEUE_H_
#define CONTROLLER_CORE_JOURNAL_QUEUE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "controller/core/core_state.h"

namespace tutti::controller {

// What was asked of a job since it started, as it is now.
std::vector<JournalBatch::Steering> SteeringRows(const Job& job);

// Gathers what has to become durable while the last batch is on its way, and
// what nobody waits for a little longer, so that a burst of reports costs few
// commits; tries again when a commit fails. New jobs do not come this way:
// somebody waits for them, and they must not be tried again. Not thread-safe.
class JournalQueue {
 public:
  // Outcomes and agents are written so long after the last batch at the
  // earliest: all that hangs on them is that targets may forget.
  static constexpr absl::Duration kGatherFor = absl::Milliseconds(20);

  struct Durable {
    std::vector<TaskReference> assigned;
    std::vector<TaskReference> outcomes;
  };

  // `on_durable` is called for each batch that is in the journal.
  JournalQueue(CoreState& state,
               absl::AnyInvocable<void(const Durable&)> on_durable)
      : state_(state), on_durable_(std::move(on_durable)) {}
  JournalQueue(const JournalQueue&) = delete;
  JournalQueue& operator=(const JournalQueue&) = delete;

  void AddAssigned(TaskReference task) { tasks_.assigned.push_back(task); }
  void AddOutcome(TaskReference task) { tasks_.outcomes.push_back(task); }
  // What was asked of a job, as it is when it is written.
  void AddSteering(uint64_t job) { jobs_.steered.insert(job); }
  void AddRemoved(uint64_t job) { jobs_.removed.push_back(job); }
  // Rows of agents: of use, but not worth trying twice.
  void AddAgents(JournalBatch batch);

  // Sends what was gathered unless a batch is on its way or it is too early.
  void Flush();
  // When Flush has to be called again.
  absl::Time NextDeadline() const;

 private:
  // By number.
  struct Jobs {
    absl::btree_set<uint64_t> steered;
    std::vector<uint64_t> removed;
  };

  bool empty() const;
  // Before then nothing is sent.
  absl::Time due_at() const;
  JournalBatch MakeBatch(const Durable& tasks, const Jobs& jobs) const;
  void OnDone(Durable tasks, Jobs jobs, const absl::Status& status);

  CoreState& state_;
  absl::AnyInvocable<void(const Durable&)> on_durable_;
  Durable tasks_;
  Jobs jobs_;
  // Names. Their rows are taken from the registry when they are written: one
  // that was copied earlier could undo what was committed since.
  absl::flat_hash_set<std::string> agents_;
  bool in_flight_ = false;
  // A batch failed: when to try again.
  absl::Time retry_at_ = absl::InfinitePast();
  // A batch was written.
  absl::Time written_at_ = absl::InfinitePast();
};

}  // namespace tutti::controller

#endif  // CONTROLLER_CORE_JOURNAL_QUEUE_H_
