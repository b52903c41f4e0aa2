// What the ledger says about each attempt.
#ifndef AGENT_RUNNER_LEDGER_LEDGER_INDEX_H_
#define AGENT_RUNNER_LEDGER_LEDGER_INDEX_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "tutti/storage/v1/ledger.pb.h"
#include "tutti/v1/task.pb.h"

namespace tutti::runner {

// As little as is needed to answer for an attempt: there are many.
struct LedgerEntry {
  absl::Time started_at = absl::InfinitePast();
  absl::Time keep_until = absl::InfinitePast();
  // Of the boot in which it started; emptied when it has ended.
  std::string boot_id;
  // Serialised storage::v1::AttemptStarting with the limits alone; emptied as
  // well.
  std::string limits;
  // Serialised storage::v1::AttemptEnded; empty: it has not ended.
  std::string ended;
  // Its spool file goes with its release.
  bool no_keep = false;
  bool released = false;
  absl::Time released_at = absl::InfinitePast();
  // What its records take in the file.
  uint64_t bytes = 0;
};

// Not thread-safe.
class LedgerIndex {
 public:
  void Apply(const storage::v1::LedgerRecord& record);
  // Null when the ledger does not know the attempt. Valid until the next
  // change.
  const LedgerEntry* Find(const tutti::v1::AttemptKey& key) const;
  // Forgets attempts that no valid envelope can name any more, unless they
  // are not released.
  void DropExpired(absl::Time now);

  struct Known {
    tutti::v1::AttemptKey key;
    LedgerEntry entry;
  };
  std::vector<Known> All() const;
  // Records from which the same index would come about.
  std::vector<storage::v1::LedgerRecord> ToRecords() const;
  size_t size() const { return entries_.size(); }
  // What the records of all take in a file, about.
  uint64_t bytes() const { return bytes_; }

 private:
  absl::flat_hash_map<std::string, LedgerEntry> entries_;
  uint64_t bytes_ = 0;
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_LEDGER_LEDGER_INDEX_H_
