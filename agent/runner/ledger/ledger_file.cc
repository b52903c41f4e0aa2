#include "agent/runner/ledger/ledger_file.h"

#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/records/record_log.h"

namespace tutti::runner {
namespace {

constexpr std::string_view kHeader("tutti ledger\1\0\0\0", 16);
constexpr uint32_t kMark = 0x4c475254;  // "TRGL"
constexpr uint32_t kMaxRecordLength = 1 << 20;

struct FrameHeader {
  uint32_t mark;
  uint32_t length;
  uint32_t checksum;
};

// The frame at the beginning of `bytes`, which then begins behind it.
std::optional<storage::v1::LedgerRecord> TakeFrame(std::string_view& bytes) {
  FrameHeader header;
  if (bytes.size() < sizeof header) return std::nullopt;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.mark != kMark || header.length > kMaxRecordLength ||
      bytes.size() - sizeof header < header.length) {
    return std::nullopt;
  }
  const std::string_view body = bytes.substr(sizeof header, header.length);
  storage::v1::LedgerRecord record;
  if (header.checksum != Checksum(body) ||
      !record.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
    return std::nullopt;
  }
  bytes.remove_prefix(sizeof header + header.length);
  return record;
}

}  // namespace

std::string EncodeLedgerHeader() { return std::string(kHeader); }

std::string EncodeLedgerRecord(const storage::v1::LedgerRecord& record) {
  const std::string body = record.SerializeAsString();
  const FrameHeader header = {.mark = kMark,
                              .length = static_cast<uint32_t>(body.size()),
                              .checksum = Checksum(body)};
  std::string frame(reinterpret_cast<const char*>(&header), sizeof header);
  frame += body;
  return frame;
}

size_t LedgerRecordBytes(const storage::v1::LedgerRecord& record) {
  return sizeof(FrameHeader) + record.ByteSizeLong();
}

LedgerContent DecodeLedger(std::string_view bytes) {
  LedgerContent content;
  const std::string_view whole = bytes;
  if (bytes.starts_with(kHeader)) bytes.remove_prefix(kHeader.size());
  const std::string mark(reinterpret_cast<const char*>(&kMark), sizeof kMark);
  while (!bytes.empty()) {
    if (std::optional<storage::v1::LedgerRecord> record = TakeFrame(bytes)) {
      content.records.push_back(*std::move(record));
      continue;
    }
    const uint64_t offset = whole.size() - bytes.size();
    const size_t next = std::min(bytes.find(mark, 1), bytes.size());
    if (!content.damage.empty() &&
        content.damage.back().offset + content.damage.back().bytes.size() ==
            offset) {
      content.damage.back().bytes.append(bytes.substr(0, next));
    } else {
      content.damage.push_back({offset, std::string(bytes.substr(0, next))});
    }
    bytes.remove_prefix(next);
  }
  return content;
}

}  // namespace tutti::runner
