// Entries of systemd's journal (journalctl(1)).
#ifndef QUERY_HOST_JOURNAL_H_
#define QUERY_HOST_JOURNAL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tutti::query {

struct JournalEntry {
  // In microseconds of Unix time.
  int64_t timestamp = 0;
  std::string cursor;
  // Of syslog(3), 0 (emergency) to 7 (debug).
  std::optional<int64_t> priority;
  std::optional<int64_t> pid;
  // That the entry is about, otherwise that which wrote it.
  std::optional<std::string> unit;
  std::optional<std::string> identifier, hostname, message;
};

// Which entries; all that are given have to hold.
struct JournalFilter {
  std::optional<std::string> unit;
  std::optional<int64_t> priority;
  // As journalctl reads it ("1 hour ago"), or a number of seconds of Unix time.
  std::optional<std::string> since;
};

std::vector<std::string> JournalArguments(const JournalFilter& filter,
                                          const std::string& root);

// Lines of JSON; what is none is left out.
std::vector<JournalEntry> ParseJournal(std::string_view output);

// Oldest first, of the host below `root`; none where there is no journal.
absl::StatusOr<std::vector<JournalEntry>> ReadJournal(
    const JournalFilter& filter, const std::string& root);

}  // namespace tutti::query

#endif  // QUERY_HOST_JOURNAL_H_
