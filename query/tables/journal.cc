// Entries of systemd's journal (journalctl(1)).
#include "query/host/journal.h"

#include <string>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "query/engine/table.h"

namespace tutti::query {
namespace {

constexpr double kMicroseconds = 1e6;
constexpr int64_t kLowestPriority = 7;

absl::Status GenerateJournal(const TableRequest& request, Rows& rows) {
  JournalFilter filter;
  filter.unit = request.EqualTo("unit");
  filter.since = request.EqualTo("since");
  filter.priority = request.EqualToNumber("priority");
  // LIKE and GLOB do not make it cheaper.
  if (!filter.unit && !filter.since && !filter.priority) {
    return FailedPrecondition(
        "it needs unit = '...', priority = N or since = '...', as in WHERE "
        "since = '1 hour ago'");
  }
  // There are none of another priority, and journalctl refuses it.
  if (filter.priority.value_or(0) < 0 ||
      filter.priority.value_or(0) > kLowestPriority) {
    return absl::OkStatus();
  }
  TUTTI_ASSIGN_OR_RETURN(const std::vector<JournalEntry> entries,
                         ReadJournal(filter, request.Path("")));
  for (const JournalEntry& entry : entries) {
    Row& row = rows.Add();
    row.Set("timestamp", static_cast<double>(entry.timestamp) / kMicroseconds);
    row.Set("unit", entry.unit);
    row.Set("priority", entry.priority);
    row.Set("identifier", entry.identifier);
    row.Set("pid", entry.pid);
    row.Set("hostname", entry.hostname);
    row.Set("message", entry.message);
    row.Set("cursor", entry.cursor);
    row.Set("since", filter.since);
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kJournalTable = {
    .name = "journal",
    .description =
        "Entries of systemd's journal, oldest first. Needs a "
        "condition on unit, priority or since.",
    .columns =
        {
            {"timestamp", ColumnType::kDouble, "Seconds of Unix time"},
            {"unit", ColumnType::kText,
             "Unit that it is about or that wrote it: ssh.service",
             Pushdown::kNeeded},
            {"priority", ColumnType::kInteger,
             "From 0 (emergency) to 7 (debug)", Pushdown::kNeeded},
            {"identifier", ColumnType::kText, "Who wrote it, as in syslog(3)"},
            {"pid", ColumnType::kBigInt, "Process that wrote it"},
            {"hostname", ColumnType::kText, "Host"},
            {"message", ColumnType::kText, "Text"},
            {"cursor", ColumnType::kText, "Its place in the journal"},
            {"since", ColumnType::kText,
             "For conditions: '1 hour ago', '2024-05-01', seconds of Unix time",
             Pushdown::kNeeded},
        },
    .generate = GenerateJournal,
};

}  // namespace tutti::query
