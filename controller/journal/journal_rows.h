// The journal's tables, and rows into and out of them.
#ifndef CONTROLLER_JOURNAL_JOURNAL_ROWS_H_
#define CONTROLLER_JOURNAL_JOURNAL_ROWS_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "controller/journal/journal.h"
#include "controller/journal/sqlite_database.h"

namespace tutti::controller {

// Makes the tables, or brings older ones up to date. FAILED_PRECONDITION when
// a newer program wrote them.
absl::Status PrepareTables(SqliteDatabase& database);

// Reads everything. A row that can not be understood is moved to the table
// `set_aside` and logged; the others live.
absl::StatusOr<JournalContents> ReadRows(SqliteDatabase& database);

// Writes batches; its statements are prepared once. Not thread-safe; must not
// outlive its database.
class RowWriter {
 public:
  static absl::StatusOr<RowWriter> Create(SqliteDatabase& database);
  // Inside the caller's transaction. Rows of jobs that were removed meanwhile
  // are left out.
  absl::Status Write(const JournalBatch& batch);

 private:
  RowWriter() = default;

  absl::Status WriteJobs(const JournalBatch& batch);
  absl::Status WriteFleet(const JournalBatch& batch);
  absl::Status WriteGroups(const JournalBatch& batch);

  SqliteStatement insert_job_;
  SqliteStatement insert_attempt_;
  SqliteStatement insert_assigned_;
  SqliteStatement insert_outcome_;
  SqliteStatement insert_steering_;
  SqliteStatement delete_job_;
  SqliteStatement insert_agent_;
  SqliteStatement delete_agent_;
  SqliteStatement insert_token_;
  SqliteStatement insert_group_;
  SqliteStatement delete_group_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_JOURNAL_JOURNAL_ROWS_H_
