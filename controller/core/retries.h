// Running some tasks of a job again.
#ifndef CONTROLLER_CORE_RETRIES_H_
#define CONTROLLER_CORE_RETRIES_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "controller/core/core_state.h"
#include "controller/core/directives.h"
#include "controller/core/dispatcher.h"
#include "controller/core/journal_queue.h"
#include "controller/core/task_rules.h"
#include "controller/core/watches.h"

namespace tutti::controller {

// A retry is a new signed attempt of the same work. The job takes it up once
// it is in the journal; until then nothing of the job changes. Not
// thread-safe.
class Retries {
 public:
  Retries(CoreState& state, JournalQueue& journal, Watches& watches,
          TaskRules& tasks, Directives& directives, Dispatcher& dispatcher)
      : state_(state),
        journal_(journal),
        watches_(watches),
        tasks_(tasks),
        directives_(directives),
        dispatcher_(dispatcher) {}
  Retries(const Retries&) = delete;
  Retries& operator=(const Retries&) = delete;

  void Start(PreparedJob prepared, Reply<v1::StartJobResponse> reply);
  // UNAVAILABLE while a retry of the job is on its way into the journal: what
  // is asked of the job then would not reach it.
  absl::Status CheckNonePending(const Job& job) const;

 private:
  // On its way into the journal.
  struct Pending {
    AttemptRequest request;
    std::shared_ptr<const MerkleTree> tree;
    SecretList secrets;
    std::vector<Reply<v1::StartJobResponse>> replies;
  };

  absl::Status Check(const Job& job, const PreparedJob& prepared) const;
  // Whether the tasks of these targets are over for good.
  absl::Status CheckTasks(const Job& job,
                          const std::vector<std::string>& targets) const;
  void OnCommitted(uint64_t number, const absl::Status& status);
  void TakeUp(Job& job, Pending& pending);

  CoreState& state_;
  JournalQueue& journal_;
  Watches& watches_;
  TaskRules& tasks_;
  Directives& directives_;
  Dispatcher& dispatcher_;
  // By job; one at a time.
  absl::flat_hash_map<uint64_t, std::unique_ptr<Pending>> pending_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_CORE_RETRIES_H_
