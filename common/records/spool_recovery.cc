#include "common/records/spool_recovery.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/errors.h"
#include "common/base/file_descriptor.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "common/records/record_log.h"
#include "common/records/spool_start.h"

namespace tutti {
namespace {

std::optional<RecordHeader> HeaderAt(int fd, uint64_t position) {
  char bytes[kRecordHeaderBytes];
  const ssize_t n =
      pread(fd, bytes, sizeof bytes, static_cast<off_t>(position));
  if (n != static_cast<ssize_t>(sizeof bytes)) return std::nullopt;
  return DecodeRecordHeader({bytes, sizeof bytes});
}

// Cuts off what is behind the end and no whole record. A header alone is no
// loss: nothing had been written behind it yet.
absl::Status CutOff(int fd, uint64_t size, SpoolExtent& extent,
                    const std::string& path) {
  if (ftruncate(fd, static_cast<off_t>(extent.end)) != 0) {
    return SystemError(errno, fmt::format("cut off the end of {}", path));
  }
  if (size - extent.end > kRecordHeaderBytes) extent.lost = size - extent.end;
  return absl::OkStatus();
}

// The open record at the end covers what is behind it.
absl::Status CloseRecord(int fd, uint64_t size, RecordHeader header,
                         SpoolExtent& extent, const std::string& path) {
  const uint64_t length = size - extent.end - kRecordHeaderBytes;
  if (length == 0 || length > kMaxRecordBytes) {
    return CutOff(fd, size, extent, path);
  }
  header.closed = true;
  header.length = static_cast<uint32_t>(length);
  TUTTI_RETURN_IF_ERROR(
      WriteAt(fd, extent.end, EncodeRecordHeader(header), path));
  extent.end = size;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SpoolExtent> RecoverSpool(const std::string& path,
                                         uint64_t mark_every) {
  FileDescriptor fd(open(path.c_str(), O_RDWR | O_CLOEXEC));
  struct stat info;
  if (!fd.valid() || fstat(fd.get(), &info) != 0) {
    return SystemError(errno, fmt::format("open {}", path));
  }
  const auto size = static_cast<uint64_t>(info.st_size);
  SpoolExtent extent;
  if (size <= kLogHeaderBytes) {
    // The writer may not have got as far as the whole of it.
    TUTTI_RETURN_IF_ERROR(WriteAt(fd.get(), 0, EncodeLogHeader(), path));
    extent.start = extent.end = kLogHeaderBytes;
    return extent;
  }
  TUTTI_ASSIGN_OR_RETURN(extent.start, FindSpoolStart(fd.get(), size, path));
  extent.end = extent.start;
  while (extent.end < size) {
    const std::optional<RecordHeader> header = HeaderAt(fd.get(), extent.end);
    if (header.has_value() && !header->closed) {
      TUTTI_RETURN_IF_ERROR(CloseRecord(fd.get(), size, *header, extent, path));
      break;
    }
    const uint64_t next =
        extent.end + kRecordHeaderBytes + (header ? header->length : 0);
    if (!header.has_value() || next > size) {
      TUTTI_RETURN_IF_ERROR(CutOff(fd.get(), size, extent, path));
      break;
    }
    extent.end = next;
    const uint64_t last =
        extent.marks.empty() ? extent.start : extent.marks.back();
    if (next - last >= mark_every) extent.marks.push_back(next);
  }
  return extent;
}

}  // namespace tutti
