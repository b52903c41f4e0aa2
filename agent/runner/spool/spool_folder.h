// The folder of spool files: what may be written, and what has to go.
#ifndef AGENT_RUNNER_SPOOL_SPOOL_FOLDER_H_
#define AGENT_RUNNER_SPOOL_SPOOL_FOLDER_H_

#include <sys/types.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/records/spool_recovery.h"
#include "tutti/v1/task.pb.h"

namespace tutti::runner {

class SpoolWriter;

// What happens when the spool is full of output that nobody has taken yet.
enum class FullSpool {
  kBlock,  // the command waits
  kDrop,   // the oldest output goes, counted
};

// Keeps count of what all files hold. Over the limit, files of released
// attempts go first, oldest first, then what is acknowledged of the others;
// for what is neither there is FullSpool. Not thread-safe.
class SpoolFolder {
 public:
  struct Options {
    std::string path;
    // Bytes, of one attempt and of all together.
    uint64_t task_limit = uint64_t{1} << 30;
    uint64_t total_limit = uint64_t{8} << 30;
    FullSpool when_full = FullSpool::kBlock;
    // How long files of released attempts are kept.
    absl::Duration retention = absl::Hours(24);
    // Group that may read (the agent's); none: only this user.
    std::optional<gid_t> reader_group;
  };
  // Makes the folder where it is missing and sets its mode.
  static absl::StatusOr<std::unique_ptr<SpoolFolder>> Open(Options options);

  const Options& options() const { return options_; }
  // A file is trimmed by so many bytes at a time, or more where its records are
  // large.
  uint64_t trim_step() const;
  mode_t file_mode() const { return options_.reader_group ? 0640 : 0600; }
  std::string PathOf(const tutti::v1::AttemptKey& key) const;

  // What a file holds that an earlier runner wrote; empty when there is none.
  // Damage is logged, and what is before it stays; whoever goes on with the
  // file says so in it.
  std::optional<SpoolExtent> Recover(const tutti::v1::AttemptKey& key);
  // The attempt is released: its file, if any, is kept for the retention time.
  void Retain(const tutti::v1::AttemptKey& key, absl::Time released_at);
  // The attempt is released, and nothing of it is to be kept.
  void Delete(const tutti::v1::AttemptKey& key);
  // Deletes what nobody claimed with Recover, Retain or a writer; for the end
  // of a recovery.
  void DeleteUnclaimed();
  // Deletes files whose retention is over, and says when the next one's is.
  std::optional<absl::Time> DeleteExpired(absl::Time now);

  // How much of `wanted` this writer may write now; makes room where it can,
  // and where output has to be dropped, first in the writer's own file.
  uint64_t MakeRoom(uint64_t wanted, SpoolWriter& writer);
  void CountWritten(uint64_t bytes) { used_ += bytes; }
  void CountTrimmed(uint64_t bytes) { used_ -= bytes; }
  uint64_t used() const { return used_; }

 private:
  friend class SpoolWriter;
  struct Retained {
    std::string name;
    absl::Time released_at;
  };

  explicit SpoolFolder(Options options) : options_(std::move(options)) {}
  absl::Status ListFiles();
  // The name of its file, which no writer counts any more.
  std::string TakeFromWriter(const tutti::v1::AttemptKey& key);
  void DeleteOldestRetained();
  void DeleteFile(const std::string& name);

  const Options options_;
  uint64_t used_ = 0;
  // Bytes of each file that no writer counts, by name.
  std::map<std::string, uint64_t> files_;
  std::deque<Retained> retained_;
  // Those that have a file, oldest first.
  std::vector<SpoolWriter*> writers_;
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_SPOOL_SPOOL_FOLDER_H_
