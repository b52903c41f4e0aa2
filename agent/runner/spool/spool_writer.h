// Filling one attempt's spool file.
#ifndef AGENT_RUNNER_SPOOL_SPOOL_WRITER_H_
#define AGENT_RUNNER_SPOOL_SPOOL_WRITER_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/runner/spool/spool_folder.h"
#include "common/base/file_descriptor.h"
#include "common/records/record_log.h"
#include "tutti/v1/task.pb.h"

namespace tutti::runner {

// Where output comes from.
struct OutputSource {
  // Read end of a pipe, or a terminal's master; non-blocking.
  int descriptor = -1;
  bool is_terminal = false;
  // Whose it is in the file.
  tutti::v1::OutputStream stream = tutti::v1::OUTPUT_STREAM_UNSPECIFIED;
};

// Moves bytes from pipes into the file without ever holding them itself, so
// that a kill at any moment loses nothing; out of a terminal they can only be
// read. The file comes into being with the
// first byte. Not thread-safe; the folder must outlive it.
class SpoolWriter {
 public:
  SpoolWriter(SpoolFolder& folder, const tutti::v1::AttemptKey& key);
  // For an attempt of an earlier runner, whose file (if any) holds `extent`.
  SpoolWriter(SpoolFolder& folder, const tutti::v1::AttemptKey& key,
              std::optional<SpoolExtent> extent);
  ~SpoolWriter();
  SpoolWriter(const SpoolWriter&) = delete;
  SpoolWriter& operator=(const SpoolWriter&) = delete;

  struct Taken {
    uint64_t bytes = 0;
    // The source has no writer left and is empty.
    bool ended = false;
    // Nothing may be written until something is acknowledged or deleted.
    bool blocked = false;
  };
  // Moves up to `max_bytes` as one record. The status is about the file; the
  // bytes stay where they are then.
  absl::StatusOr<Taken> Take(const OutputSource& source, uint64_t max_bytes,
                             absl::Time now);
  // The same without regard to limits: for what is there at the end.
  absl::StatusOr<Taken> TakeLast(const OutputSource& source, uint64_t max_bytes,
                                 absl::Time now);
  // A remark of the runner.
  absl::Status WriteEvent(std::string_view text, absl::Time now);

  // As another writer of this file had it.
  void TakeUp(uint64_t acknowledged, uint64_t dropped) {
    Acknowledge(acknowledged);
    dropped_ = dropped;
  }
  // Everything before `position` has arrived and may go when room is needed.
  void Acknowledge(uint64_t position);
  // Punches out acknowledged records, oldest first: as few as free `wanted`
  // bytes. Returns how many bytes went.
  uint64_t Trim(uint64_t wanted);
  // The same with output that nobody has yet.
  uint64_t Drop(uint64_t wanted);

  // Something that was read, and is nowhere else, could not be written yet.
  bool has_unwritten() const { return !unwritten_.empty(); }
  // Position behind the last record; 0 as long as there is no file.
  uint64_t end() const { return end_; }
  // First position that is held; 0 until something was trimmed.
  uint64_t start() const;
  uint64_t acknowledged() const { return acknowledged_; }
  // Bytes of output that went by Drop before they were acknowledged.
  uint64_t dropped() const { return dropped_; }
  // Bytes that the file holds.
  uint64_t held() const { return end_ - start_; }
  const std::string& path() const { return path_; }

  // Gives the descriptor away for syncing; none when there is no file.
  FileDescriptor TakeFile() { return std::move(file_); }

 private:
  absl::Status OpenFile(std::string_view first_bytes);
  absl::Status OpenRecord(tutti::v1::OutputStream stream, absl::Time now);
  // Into the record that is open. Nothing came yet: no value.
  using Moved = absl::StatusOr<std::optional<uint64_t>>;
  Moved Splice(int pipe, uint64_t max_bytes);
  Moved Copy(int terminal, uint64_t max_bytes);
  absl::Status CloseRecord(tutti::v1::OutputStream stream, uint64_t length,
                           absl::Time now);
  absl::Status WriteAt(uint64_t position, std::string_view bytes);
  uint64_t Room(uint64_t wanted);
  // The first mark that frees `wanted` bytes, but at most `limit`.
  uint64_t StepBehind(uint64_t wanted, uint64_t limit) const;
  // Returns how many bytes went.
  uint64_t PunchOut(uint64_t to);
  bool IsBoundary(uint64_t position);
  // Empty when none begins there.
  std::optional<RecordHeader> HeaderAt(uint64_t position);
  // The process's bytes in the records from one boundary to another.
  uint64_t CountOutput(uint64_t from, uint64_t to);

  SpoolFolder& folder_;
  const std::string path_;
  FileDescriptor file_;
  uint64_t start_ = 0;
  uint64_t end_ = 0;
  uint64_t acknowledged_ = 0;
  uint64_t dropped_ = 0;
  // Was read from a terminal, which takes nothing back, and could not be
  // written yet.
  std::string unwritten_;
  // Some record boundaries, so that trimming takes little at a time.
  std::deque<uint64_t> marks_;
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_SPOOL_SPOOL_WRITER_H_
