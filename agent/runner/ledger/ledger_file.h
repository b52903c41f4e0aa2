// Format of the ledger's file. docs/spool-format.md is its page.
#ifndef AGENT_RUNNER_LEDGER_LEDGER_FILE_H_
#define AGENT_RUNNER_LEDGER_LEDGER_FILE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tutti/storage/v1/ledger.pb.h"

namespace tutti::runner {

// What the file begins with.
std::string EncodeLedgerHeader();

// A frame: a mark, the record's length, its CRC-32, the record.
std::string EncodeLedgerRecord(const storage::v1::LedgerRecord& record);
// How long that is.
size_t LedgerRecordBytes(const storage::v1::LedgerRecord& record);

// What was found in a file's bytes. Frames behind damage are found again by
// their mark, so that damage never makes an attempt that ran look new.
struct LedgerContent {
  std::vector<storage::v1::LedgerRecord> records;
  // Pieces that are no frames, with their offsets.
  struct Damage {
    uint64_t offset = 0;
    std::string bytes;
  };
  std::vector<Damage> damage;
};
LedgerContent DecodeLedger(std::string_view bytes);

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_LEDGER_LEDGER_FILE_H_
