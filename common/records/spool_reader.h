// Reading spool files while they are written.
#ifndef COMMON_RECORDS_SPOOL_READER_H_
#define COMMON_RECORDS_SPOOL_READER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/file_descriptor.h"
#include "tutti/v1/task.pb.h"

namespace tutti {

// One open spool file. Blocks on the disk only. Not thread-safe; several
// readers of one file do not disturb each other or the writer.
class SpoolReader {
 public:
  // NOT_FOUND when there is no such file (a task without output has none).
  static absl::StatusOr<SpoolReader> Open(const std::string& path);

  struct Batch {
    // Contiguous. Neighbouring records of one stream are joined into one
    // chunk of at most 64 KiB, with the time of the first.
    std::vector<v1::OutputChunk> chunks;
    // Where to go on; equals `end` when all was read.
    uint64_t next_position = 0;
  };
  // Closed records from `from` (0 means the first that is held) up to the
  // position `end`, whole ones only, about `max_bytes` of them but at least
  // one. OUT_OF_RANGE when `from` was trimmed away, DATA_LOSS when a record is
  // damaged; both texts name the file and the position.
  absl::StatusOr<Batch> Read(uint64_t from, uint64_t end, size_t max_bytes);

 private:
  SpoolReader(FileDescriptor fd, std::string path)
      : fd_(std::move(fd)), path_(std::move(path)) {}
  // About `wanted` bytes from `from`, but the record there as a whole.
  absl::StatusOr<std::string> ReadWhole(uint64_t from, uint64_t end,
                                        size_t wanted);
  absl::Status CheckStillThere(uint64_t position);
  absl::Status NoRecord(uint64_t position, bool zeros) const;

  FileDescriptor fd_;
  std::string path_;
};

}  // namespace tutti

#endif  // COMMON_RECORDS_SPOOL_READER_H_
