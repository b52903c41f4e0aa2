#include "common/records/spool_start.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>

#include "common/base/errors.h"
#include "common/records/record_log.h"

namespace tutti {

absl::StatusOr<uint64_t> FindSpoolStart(int fd, uint64_t size,
                                        const std::string& path) {
  uint64_t position = kLogHeaderBytes;
  while (position < size) {
    // Skips whole blocks of the hole; the rest of the last one is read.
    const off_t data = lseek(fd, static_cast<off_t>(position), SEEK_DATA);
    if (data < 0 && errno == ENXIO) return size;
    if (data >= 0) position = static_cast<uint64_t>(data);
    char bytes[4096];
    const ssize_t n =
        pread(fd, bytes, std::min<uint64_t>(sizeof bytes, size - position),
              static_cast<off_t>(position));
    if (n < 0) return SystemError(errno, fmt::format("read {}", path));
    if (n == 0) break;
    const char* const first = bytes;
    const char* const end = first + n;
    const char* found = std::find_if(first, end, [](char c) { return c != 0; });
    position += static_cast<uint64_t>(found - first);
    if (found != end) return position;
  }
  return size;
}

}  // namespace tutti
