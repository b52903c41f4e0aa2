#include "common/records/record_log.h"

#include <zlib.h>

#include <bit>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "fmt/format.h"

namespace tutti {
namespace {

static_assert(std::endian::native == std::endian::little,
              "spool files are little-endian, and so must the host be");

constexpr std::string_view kLogHeader("tutti spool\0\1\0\0\0", kLogHeaderBytes);
constexpr uint16_t kRecordMark = 0x5254;  // "TR"

// As it stands in the file.
struct StoredHeader {
  uint8_t stream;
  uint8_t closed;
  uint16_t mark;
  uint32_t length;
  int64_t unix_nanoseconds;
  uint32_t reserved;
  uint32_t checksum;
};
static_assert(sizeof(StoredHeader) == kRecordHeaderBytes);

uint32_t ChecksumOf(const StoredHeader& stored) {
  return Checksum({reinterpret_cast<const char*>(&stored),
                   offsetof(StoredHeader, checksum)});
}

}  // namespace

uint32_t Checksum(std::string_view bytes) {
  return static_cast<uint32_t>(crc32_z(
      0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

std::string EncodeLogHeader() { return std::string(kLogHeader); }

bool IsLogHeader(std::string_view bytes) { return bytes == kLogHeader; }

std::string EncodeRecordHeader(const RecordHeader& header) {
  StoredHeader stored = {};
  stored.stream = static_cast<uint8_t>(header.stream);
  stored.closed = header.closed ? 1 : 0;
  stored.mark = kRecordMark;
  stored.length = header.length;
  stored.unix_nanoseconds = absl::ToUnixNanos(header.time);
  stored.checksum = ChecksumOf(stored);
  return std::string(reinterpret_cast<const char*>(&stored), sizeof stored);
}

std::optional<RecordHeader> DecodeRecordHeader(std::string_view bytes) {
  StoredHeader stored;
  if (bytes.size() != sizeof stored) return std::nullopt;
  std::memcpy(&stored, bytes.data(), sizeof stored);
  if (stored.mark != kRecordMark || stored.checksum != ChecksumOf(stored) ||
      stored.length > kMaxRecordBytes || stored.closed > 1 ||
      stored.stream < v1::OUTPUT_STREAM_STDOUT ||
      stored.stream > v1::OUTPUT_STREAM_REQUEST) {
    return std::nullopt;
  }
  RecordHeader header;
  header.stream = static_cast<v1::OutputStream>(stored.stream);
  header.closed = stored.closed == 1;
  header.length = stored.length;
  header.time = absl::FromUnixNanos(stored.unix_nanoseconds);
  return header;
}

std::string SpoolFileName(const v1::AttemptKey& key) {
  const absl::StatusOr<Uuid> uuid = Uuid::FromBytes(key.job_uuid());
  return fmt::format("{}.{}.{}.spool",
                     uuid.ok() ? uuid->ToString() : Uuid().ToString(),
                     key.attempt(), key.target());
}

}  // namespace tutti
