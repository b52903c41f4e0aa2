// What the controller must not forget.
#ifndef CONTROLLER_JOURNAL_JOURNAL_H_
#define CONTROLLER_JOURNAL_JOURNAL_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "common/base/uuid.h"
#include "tutti/storage/v1/journal.pb.h"

namespace tutti::controller {

// Rows that become durable together.
struct JournalBatch {
  struct NewJob {
    uint64_t number = 0;
    Uuid uuid;
    storage::v1::JournaledJob job;
  };
  // Beyond the first.
  struct NewAttempt {
    uint64_t job_number = 0;
    uint32_t attempt = 2;
    storage::v1::JournaledJob job;
  };
  struct Assigned {
    uint64_t job_number = 0;
    uint32_t task = 0;
    uint32_t attempt = 1;
  };
  struct Outcome {
    uint64_t job_number = 0;
    uint32_t task = 0;
    uint32_t attempt = 1;
    storage::v1::JournaledOutcome outcome;
  };
  // The last row of an attempt counts.
  struct Steering {
    uint64_t job_number = 0;
    uint32_t attempt = 1;
    storage::v1::JournaledSteering steering;
  };
  struct Agent {
    std::string name;
    // Of the enrolled key, 32 bytes.
    std::string key_fingerprint;
    storage::v1::JournaledAgent agent;
  };
  struct Token {
    std::string id;
    storage::v1::JournaledToken token;
  };
  struct Group {
    std::string name;
    storage::v1::JournaledGroup group;
  };

  std::vector<NewJob> new_jobs;
  std::vector<NewAttempt> new_attempts;
  std::vector<Assigned> assigned;
  std::vector<Outcome> outcomes;
  std::vector<Steering> steering;
  std::vector<uint64_t> removed_jobs;
  std::vector<Agent> agents;
  std::vector<std::string> removed_agents;
  std::vector<Token> tokens;
  std::vector<Group> groups;
  std::vector<std::string> removed_groups;

  bool empty() const {
    return new_jobs.empty() && new_attempts.empty() && assigned.empty() &&
           outcomes.empty() && steering.empty() && removed_jobs.empty() &&
           agents.empty() && removed_agents.empty() && tokens.empty() &&
           groups.empty() && removed_groups.empty();
  }
};

// Everything a journal holds, as read at the start.
struct JournalContents {
  std::vector<JournalBatch::NewJob> jobs;          // by number
  std::vector<JournalBatch::NewAttempt> attempts;  // by job and number
  std::vector<JournalBatch::Assigned> assigned;
  std::vector<JournalBatch::Outcome> outcomes;  // the older attempt first
  std::vector<JournalBatch::Steering> steering;
  std::vector<JournalBatch::Agent> agents;
  std::vector<JournalBatch::Token> tokens;
  std::vector<JournalBatch::Group> groups;
  // The number that the next job gets; never one that was used before.
  uint64_t next_job_number = 1;
};

// Commits are in order; several may share one transaction (group commit).
// Thread-safe.
class Journal {
 public:
  virtual ~Journal() = default;
  // `done` is called once, on a thread of the journal's, when the batch is
  // durable or can not be made so. It must not block.
  virtual void Commit(JournalBatch batch,
                      absl::AnyInvocable<void(absl::Status)> done) = 0;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_JOURNAL_JOURNAL_H_
