// Format of a spool file: one append-only log of records a task, for stdout,
// stderr and events in the order in which they were seen.
// docs/spool-format.md is its page.
#ifndef COMMON_RECORDS_RECORD_LOG_H_
#define COMMON_RECORDS_RECORD_LOG_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "tutti/v1/task.pb.h"

namespace tutti {

// The file begins with kLogHeaderBytes that name format and version; the first
// record, and so the first position, is behind them. A position is an offset
// in the file and always the beginning of a record.
inline constexpr uint64_t kLogHeaderBytes = 16;
inline constexpr uint64_t kRecordHeaderBytes = 24;
// A record holds at most so many bytes.
inline constexpr uint64_t kMaxRecordBytes = 256 << 10;

// What stands before a record's bytes. A record is written in three steps, so
// that a writer that is killed loses nothing: the header as open (which stream,
// length unknown), the bytes, the header as closed. An open header at the end
// of the file covers all that is behind it.
struct RecordHeader {
  v1::OutputStream stream = v1::OUTPUT_STREAM_UNSPECIFIED;
  bool closed = false;
  uint32_t length = 0;
  absl::Time time;
};

std::string EncodeLogHeader();
bool IsLogHeader(std::string_view bytes);
// Exactly kRecordHeaderBytes, ended by a CRC-32 (zlib's) of what is before it.
// The first byte is never zero, so that the first record of a file whose
// beginning was punched out is found behind the zeros.
std::string EncodeRecordHeader(const RecordHeader& header);
// Empty when the bytes are no header: a wrong checksum, or zeros.
std::optional<RecordHeader> DecodeRecordHeader(std::string_view bytes);

// CRC-32 as zlib has it.
uint32_t Checksum(std::string_view bytes);

// Name of an attempt's file in the spool folder: UUID.ATTEMPT.TARGET.spool.
std::string SpoolFileName(const v1::AttemptKey& key);

}  // namespace tutti

#endif  // COMMON_RECORDS_RECORD_LOG_H_
