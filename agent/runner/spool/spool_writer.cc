#include "agent/runner/spool/spool_writer.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/records/record_log.h"

namespace tutti::runner {
namespace {

constexpr uint64_t kLeastRecords = 2;
// Not worth a record: wait until more has gone.
constexpr uint64_t kLeastRoom = 4096;
// Of a terminal in one record.
constexpr uint64_t kTerminalBytes = 16 << 10;

// What is there. Empty: errno says why; 0 at the end.
std::string ReadTerminal(int terminal, uint64_t max_bytes) {
  std::string bytes(std::min(max_bytes, kTerminalBytes), '\0');
  size_t filled = 0;
  while (filled < bytes.size()) {
    // At most a page at a time.
    errno = 0;
    const ssize_t n =
        read(terminal, bytes.data() + filled, bytes.size() - filled);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    filled += static_cast<size_t>(n);
  }
  bytes.resize(filled);
  return bytes;
}

}  // namespace

SpoolWriter::SpoolWriter(SpoolFolder& folder, const tutti::v1::AttemptKey& key)
    : SpoolWriter(folder, key, std::nullopt) {}

SpoolWriter::SpoolWriter(SpoolFolder& folder, const tutti::v1::AttemptKey& key,
                         std::optional<SpoolExtent> extent)
    : folder_(folder), path_(folder.PathOf(key)) {
  if (!extent.has_value()) return;
  start_ = extent->start;
  end_ = extent->end;
  acknowledged_ = start_;
  marks_.assign(extent->marks.begin(), extent->marks.end());
  // The folder counted the file as one of an earlier runner's.
  folder_.files_.erase(SpoolFileName(key));
  folder_.writers_.push_back(this);
}

SpoolWriter::~SpoolWriter() { std::erase(folder_.writers_, this); }

uint64_t SpoolWriter::start() const {
  return start_ == kLogHeaderBytes ? 0 : start_;
}

absl::Status SpoolWriter::OpenFile(std::string_view first_bytes) {
  const bool exists = end_ > 0;
  file_.Reset(
      open(path_.c_str(),
           O_RDWR | O_CLOEXEC | O_NOFOLLOW | (exists ? 0 : O_CREAT | O_TRUNC),
           folder_.file_mode()));
  if (!file_.valid()) return SystemError(errno, fmt::format("open {}", path_));
  if (exists) return absl::OkStatus();
  absl::Status written = WriteAt(0, first_bytes);
  if (!written.ok()) {
    // Nothing is known to be in the file: the next try makes it anew.
    file_.Reset();
    return written;
  }
  start_ = end_ = acknowledged_ = kLogHeaderBytes;
  folder_.writers_.push_back(this);
  return absl::OkStatus();
}

absl::Status SpoolWriter::WriteAt(uint64_t position, std::string_view bytes) {
  return tutti::WriteAt(file_.get(), position, bytes, path_);
}

absl::Status SpoolWriter::OpenRecord(tutti::v1::OutputStream stream,
                                     absl::Time now) {
  const std::string header = EncodeRecordHeader(
      {.stream = stream, .closed = false, .length = 0, .time = now});
  if (file_.valid()) return WriteAt(end_, header);
  if (end_ > 0) {
    TUTTI_RETURN_IF_ERROR(OpenFile({}));
    return WriteAt(end_, header);
  }
  return OpenFile(EncodeLogHeader() + header);
}

absl::Status SpoolWriter::CloseRecord(tutti::v1::OutputStream stream,
                                      uint64_t length, absl::Time now) {
  TUTTI_RETURN_IF_ERROR(
      WriteAt(end_, EncodeRecordHeader({.stream = stream,
                                        .closed = true,
                                        .length = static_cast<uint32_t>(length),
                                        .time = now})));
  const uint64_t last_mark = marks_.empty() ? start_ : marks_.back();
  end_ += kRecordHeaderBytes + length;
  if (end_ - last_mark >= folder_.trim_step()) {
    marks_.push_back(end_);
  }
  folder_.CountWritten(kRecordHeaderBytes + length);
  return absl::OkStatus();
}

uint64_t SpoolWriter::Room(uint64_t wanted) {
  const uint64_t limit = folder_.options().task_limit;
  const auto left = [&] { return limit - std::min(limit, held()); };
  if (left() < wanted) Trim(std::max(wanted - left(), folder_.trim_step()));
  if (left() < wanted && folder_.options().when_full == FullSpool::kDrop) {
    Drop(std::max(wanted - left(), folder_.trim_step()));
  }
  return folder_.MakeRoom(std::min(wanted, left()), *this);
}

absl::StatusOr<SpoolWriter::Taken> SpoolWriter::Take(const OutputSource& source,
                                                     uint64_t max_bytes,
                                                     absl::Time now) {
  const SpoolFolder::Options& limits = folder_.options();
  // Records go as a whole, so a small file must not be but one or two.
  max_bytes =
      std::min({max_bytes, kMaxRecordBytes, limits.task_limit / kLeastRecords});
  if (source.is_terminal) max_bytes = std::min(max_bytes, kTerminalBytes);
  const uint64_t most = kRecordHeaderBytes + max_bytes;
  int in_pipe = 0;
  if (!source.is_terminal &&
      (held() + most > limits.task_limit ||
       folder_.used() + most > limits.total_limit) &&
      ioctl(source.descriptor, FIONREAD, &in_pipe) == 0) {
    // Near a limit no more is trimmed than is really needed.
    max_bytes =
        std::clamp<uint64_t>(static_cast<uint64_t>(in_pipe), 1, max_bytes);
  }
  const uint64_t wanted = kRecordHeaderBytes + max_bytes;
  const uint64_t room = Room(wanted);
  if (room < std::min(wanted, kLeastRoom)) return Taken{.blocked = true};
  return TakeLast(source, room - kRecordHeaderBytes, now);
}

absl::StatusOr<SpoolWriter::Taken> SpoolWriter::TakeLast(
    const OutputSource& source, uint64_t max_bytes, absl::Time now) {
  TUTTI_RETURN_IF_ERROR(OpenRecord(source.stream, now));
  TUTTI_ASSIGN_OR_RETURN(const std::optional<uint64_t> bytes,
                         source.is_terminal
                             ? Copy(source.descriptor, max_bytes)
                             : Splice(source.descriptor, max_bytes));
  if (!bytes.has_value()) return Taken();
  if (*bytes == 0) return Taken{.ended = true};
  TUTTI_RETURN_IF_ERROR(CloseRecord(source.stream, *bytes, now));
  return Taken{.bytes = *bytes};
}

SpoolWriter::Moved SpoolWriter::Splice(int pipe, uint64_t max_bytes) {
  auto offset = static_cast<loff_t>(end_ + kRecordHeaderBytes);
  ssize_t n;
  do {
    n = splice(pipe, nullptr, file_.get(), &offset,
               std::min(max_bytes, kMaxRecordBytes),
               SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  } while (n < 0 && errno == EINTR);
  if (n < 0 && errno == EAGAIN) return std::nullopt;
  if (n < 0) return SystemError(errno, fmt::format("write {}", path_));
  return static_cast<uint64_t>(n);
}

SpoolWriter::Moved SpoolWriter::Copy(int terminal, uint64_t max_bytes) {
  if (unwritten_.empty()) unwritten_ = ReadTerminal(terminal, max_bytes);
  // EIO when nobody has the other end any more.
  if (unwritten_.empty() && errno == EAGAIN) return std::nullopt;
  TUTTI_RETURN_IF_ERROR(WriteAt(end_ + kRecordHeaderBytes, unwritten_));
  return std::exchange(unwritten_, {}).size();
}

absl::Status SpoolWriter::WriteEvent(std::string_view text, absl::Time now) {
  text = text.substr(0, kMaxRecordBytes);
  TUTTI_RETURN_IF_ERROR(OpenRecord(tutti::v1::OUTPUT_STREAM_EVENT, now));
  TUTTI_RETURN_IF_ERROR(WriteAt(end_ + kRecordHeaderBytes, text));
  return CloseRecord(tutti::v1::OUTPUT_STREAM_EVENT, text.size(), now);
}

bool SpoolWriter::IsBoundary(uint64_t position) {
  return position == end_ || HeaderAt(position).has_value();
}

std::optional<RecordHeader> SpoolWriter::HeaderAt(uint64_t position) {
  if (!file_.valid() && !OpenFile({}).ok()) return std::nullopt;
  char bytes[kRecordHeaderBytes];
  const ssize_t n =
      pread(file_.get(), bytes, sizeof bytes, static_cast<off_t>(position));
  if (n != static_cast<ssize_t>(sizeof bytes)) return std::nullopt;
  return DecodeRecordHeader({bytes, sizeof bytes});
}

void SpoolWriter::Acknowledge(uint64_t position) {
  acknowledged_ = std::max(acknowledged_, std::min(position, end_));
}

uint64_t SpoolWriter::Trim(uint64_t wanted) {
  if (acknowledged_ <= start_) return 0;
  const uint64_t to = StepBehind(wanted, acknowledged_);
  // An acknowledgement is the agent's word: never cut a record in two.
  return IsBoundary(to) ? PunchOut(to) : 0;
}

uint64_t SpoolWriter::Drop(uint64_t wanted) {
  if (held() == 0) return 0;
  const uint64_t to = StepBehind(wanted, end_);
  const uint64_t from = acknowledged_ > start_ && IsBoundary(acknowledged_)
                            ? acknowledged_
                            : start_;
  const uint64_t output = CountOutput(from, to);
  const uint64_t freed = PunchOut(to);
  if (freed > 0) dropped_ += output;
  return freed;
}

uint64_t SpoolWriter::StepBehind(uint64_t wanted, uint64_t limit) const {
  const auto mark =
      std::find_if(marks_.begin(), marks_.end(),
                   [&](uint64_t at) { return at >= start_ + wanted; });
  return mark != marks_.end() && *mark <= limit ? *mark : limit;
}

uint64_t SpoolWriter::CountOutput(uint64_t from, uint64_t to) {
  uint64_t output = 0;
  while (from < to) {
    const std::optional<RecordHeader> header = HeaderAt(from);
    if (!header.has_value()) break;
    if (header->stream != tutti::v1::OUTPUT_STREAM_EVENT) {
      output += header->length;
    }
    from += kRecordHeaderBytes + header->length;
  }
  return output;
}

uint64_t SpoolWriter::PunchOut(uint64_t to) {
  if (!file_.valid() && !OpenFile({}).ok()) return 0;
  if (fallocate(file_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                kLogHeaderBytes,
                static_cast<off_t>(to - kLogHeaderBytes)) != 0) {
    log::Warning("cannot trim {}: {}; it stays until it is released", path_,
                 ErrnoText(errno));
    return 0;
  }
  const uint64_t freed = to - start_;
  start_ = to;
  while (!marks_.empty() && marks_.front() <= to) marks_.pop_front();
  folder_.CountTrimmed(freed);
  return freed;
}

}  // namespace tutti::runner
