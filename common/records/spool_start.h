// Where a trimmed spool file begins.
#ifndef COMMON_RECORDS_SPOOL_START_H_
#define COMMON_RECORDS_SPOOL_START_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace tutti {

// Position of the first record that the file still holds, `size` when it
// holds none: trimming punches zeros, and no record begins with one.
absl::StatusOr<uint64_t> FindSpoolStart(int fd, uint64_t size,
                                        const std::string& path);

}  // namespace tutti

#endif  // COMMON_RECORDS_SPOOL_START_H_
