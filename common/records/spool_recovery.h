// Finding out what a spool file holds after its writer was killed.
#ifndef COMMON_RECORDS_SPOOL_RECOVERY_H_
#define COMMON_RECORDS_SPOOL_RECOVERY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace tutti {

// What a file holds: whole records from `start` up to `end`.
struct SpoolExtent {
  uint64_t start = 0;
  uint64_t end = 0;
  // What was behind them and was damaged, in bytes; it is cut off.
  uint64_t lost = 0;
  // Some of the boundaries between them, in order.
  std::vector<uint64_t> marks;
};

// Walks the records of a file that nobody writes, closes the open record at
// its end, which covers all that is behind it, and cuts off what is no record.
// NOT_FOUND when there is no such file. Marks are at least `mark_every` bytes
// apart.
absl::StatusOr<SpoolExtent> RecoverSpool(const std::string& path,
                                         uint64_t mark_every = 1 << 20);

}  // namespace tutti

#endif  // COMMON_RECORDS_SPOOL_RECOVERY_H_
