#include "common/records/spool_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/records/record_log.h"
#include "common/records/spool_start.h"

namespace tutti {
namespace {

constexpr size_t kMaxJoinedBytes = 64 << 10;
constexpr size_t kMaxReadBytes = 4 << 20;

// Reads until `size` bytes are there or the file ends.
absl::StatusOr<size_t> ReadAt(int fd, char* bytes, size_t size,
                              uint64_t position, const std::string& path) {
  size_t done = 0;
  while (done < size) {
    const ssize_t n = pread(fd, bytes + done, size - done,
                            static_cast<off_t>(position + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SystemError(errno, fmt::format("read {}", path));
    if (n == 0) break;
    done += static_cast<size_t>(n);
  }
  return done;
}

void AddRecord(const RecordHeader& header, std::string_view data,
               uint64_t position, std::vector<v1::OutputChunk>& chunks) {
  const uint64_t next = position + kRecordHeaderBytes + data.size();
  if (!chunks.empty() && chunks.back().stream() == header.stream &&
      chunks.back().data().size() + data.size() <= kMaxJoinedBytes) {
    chunks.back().mutable_data()->append(data);
    chunks.back().set_next_position(next);
    return;
  }
  v1::OutputChunk& chunk = chunks.emplace_back();
  chunk.set_stream(header.stream);
  chunk.set_position(position);
  chunk.set_next_position(next);
  *chunk.mutable_time() = ToProto(header.time);
  chunk.set_data(data.data(), data.size());
}

bool IsZero(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

}  // namespace

absl::StatusOr<SpoolReader> SpoolReader::Open(const std::string& path) {
  FileDescriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd.valid()) return SystemError(errno, fmt::format("open {}", path));
  return SpoolReader(std::move(fd), path);
}

absl::StatusOr<SpoolReader::Batch> SpoolReader::Read(uint64_t from,
                                                     uint64_t end,
                                                     size_t max_bytes) {
  Batch batch;
  if (from < kLogHeaderBytes) {
    TUTTI_ASSIGN_OR_RETURN(from, FindSpoolStart(fd_.get(), end, path_));
  }
  batch.next_position = std::max(from, end);
  if (from >= end) return batch;

  // One record must fit, whatever `max_bytes` says.
  const size_t wanted = std::min<uint64_t>(
      end - from, std::min(max_bytes, kMaxReadBytes) + kRecordHeaderBytes);
  TUTTI_ASSIGN_OR_RETURN(std::string bytes, ReadWhole(from, end, wanted));
  std::string_view rest = bytes;
  uint64_t position = from;
  while (rest.size() >= kRecordHeaderBytes) {
    const std::string_view header_bytes = rest.substr(0, kRecordHeaderBytes);
    const std::optional<RecordHeader> header = DecodeRecordHeader(header_bytes);
    if (!header.has_value() || !header->closed) {
      if (position > from) break;
      return NoRecord(position, IsZero(header_bytes));
    }
    if (rest.size() - kRecordHeaderBytes < header->length) break;
    AddRecord(*header, rest.substr(kRecordHeaderBytes, header->length),
              position, batch.chunks);
    rest.remove_prefix(kRecordHeaderBytes + header->length);
    position += kRecordHeaderBytes + header->length;
  }
  // The runner may have trimmed what was read meanwhile: it is whole if its
  // beginning still is.
  TUTTI_RETURN_IF_ERROR(CheckStillThere(from));
  batch.next_position = position;
  return batch;
}

absl::StatusOr<std::string> SpoolReader::ReadWhole(uint64_t from, uint64_t end,
                                                   size_t wanted) {
  std::string bytes(wanted, '\0');
  TUTTI_ASSIGN_OR_RETURN(
      size_t size, ReadAt(fd_.get(), bytes.data(), bytes.size(), from, path_));
  bytes.resize(size);
  const std::optional<RecordHeader> first =
      DecodeRecordHeader(std::string_view(bytes).substr(0, kRecordHeaderBytes));
  if (!first.has_value()) return bytes;
  const uint64_t whole = kRecordHeaderBytes + first->length;
  if (from + whole > end) {
    return DataLoss("{}: the record at {} goes beyond the end at {}", path_,
                    from, end);
  }
  if (bytes.size() >= whole) return bytes;
  bytes.resize(whole);
  TUTTI_ASSIGN_OR_RETURN(
      size, ReadAt(fd_.get(), bytes.data(), bytes.size(), from, path_));
  if (size < whole) {
    return DataLoss("{}: the record at {} is longer than the file", path_,
                    from);
  }
  return bytes;
}

absl::Status SpoolReader::CheckStillThere(uint64_t position) {
  char bytes[kRecordHeaderBytes];
  TUTTI_ASSIGN_OR_RETURN(
      size_t size, ReadAt(fd_.get(), bytes, sizeof bytes, position, path_));
  if (size == sizeof bytes && DecodeRecordHeader({bytes, size}).has_value()) {
    return absl::OkStatus();
  }
  return NoRecord(position, IsZero({bytes, size}));
}

absl::Status SpoolReader::NoRecord(uint64_t position, bool zeros) const {
  if (zeros) {
    return absl::OutOfRangeError(fmt::format(
        "{}: what was at {} has been trimmed away", path_, position));
  }
  return DataLoss("{}: the record at {} is damaged", path_, position);
}

}  // namespace tutti
