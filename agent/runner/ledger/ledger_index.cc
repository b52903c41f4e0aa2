#include "agent/runner/ledger/ledger_index.h"

#include <string>
#include <utility>
#include <vector>

#include "agent/runner/ledger/ledger_file.h"
#include "common/base/duration.h"
#include "common/jobs/attempt_key.h"

namespace tutti::runner {
namespace {

// For an attempt whose beginning was damaged: longer than a spec may live.
constexpr absl::Duration kLongEnough = absl::Hours(24 * 60);

std::string LimitsOf(const storage::v1::AttemptStarting& starting) {
  storage::v1::AttemptStarting limits = starting;
  limits.clear_time();
  limits.clear_boot_id();
  limits.clear_keep_until();
  limits.clear_no_keep();
  return limits.SerializeAsString();
}

}  // namespace

void LedgerIndex::Apply(const storage::v1::LedgerRecord& record) {
  LedgerEntry& entry = entries_[KeyBytes(record.key())];
  entry.bytes += LedgerRecordBytes(record);
  bytes_ += LedgerRecordBytes(record);
  switch (record.event_case()) {
    case storage::v1::LedgerRecord::kStarting:
      entry.started_at = ToTime(record.starting().time());
      entry.keep_until = ToTime(record.starting().keep_until());
      entry.boot_id = record.starting().boot_id();
      entry.limits = LimitsOf(record.starting());
      entry.no_keep = record.starting().no_keep();
      break;
    case storage::v1::LedgerRecord::kEnded:
      entry.ended = record.ended().SerializeAsString();
      entry.boot_id.clear();
      entry.limits.clear();
      if (entry.keep_until == absl::InfinitePast()) {
        entry.keep_until =
            ToTime(record.ended().status().ended_at()) + kLongEnough;
      }
      break;
    case storage::v1::LedgerRecord::kReleased:
      entry.released = true;
      entry.released_at = ToTime(record.released().time());
      if (entry.keep_until == absl::InfinitePast()) {
        entry.keep_until = entry.released_at + kLongEnough;
      }
      break;
    case storage::v1::LedgerRecord::EVENT_NOT_SET:
      break;
  }
}

const LedgerEntry* LedgerIndex::Find(const tutti::v1::AttemptKey& key) const {
  const auto found = entries_.find(KeyBytes(key));
  return found == entries_.end() ? nullptr : &found->second;
}

void LedgerIndex::DropExpired(absl::Time now) {
  absl::erase_if(entries_, [&](const auto& item) {
    const LedgerEntry& entry = item.second;
    if (!entry.released || entry.keep_until >= now) return false;
    bytes_ -= entry.bytes;
    return true;
  });
}

std::vector<LedgerIndex::Known> LedgerIndex::All() const {
  std::vector<Known> all;
  all.reserve(entries_.size());
  for (const auto& [bytes, entry] : entries_) {
    all.push_back({KeyFromBytes(bytes), entry});
  }
  return all;
}

std::vector<storage::v1::LedgerRecord> LedgerIndex::ToRecords() const {
  std::vector<storage::v1::LedgerRecord> records;
  for (const Known& known : All()) {
    storage::v1::LedgerRecord record;
    *record.mutable_key() = known.key;
    storage::v1::AttemptStarting& starting = *record.mutable_starting();
    starting.ParseFromString(known.entry.limits);
    *starting.mutable_time() = ToProto(known.entry.started_at);
    *starting.mutable_keep_until() = ToProto(known.entry.keep_until);
    starting.set_boot_id(known.entry.boot_id);
    starting.set_no_keep(known.entry.no_keep);
    records.push_back(record);
    if (!known.entry.ended.empty()) {
      record.mutable_ended()->ParseFromString(known.entry.ended);
      records.push_back(record);
    }
    if (known.entry.released) {
      *record.mutable_released()->mutable_time() =
          ToProto(known.entry.released_at);
      records.push_back(record);
    }
  }
  return records;
}

}  // namespace tutti::runner
