// The journal as an SQLite database.
#ifndef CONTROLLER_JOURNAL_SQLITE_JOURNAL_H_
#define CONTROLLER_JOURNAL_SQLITE_JOURNAL_H_

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/event_queue.h"
#include "controller/journal/journal.h"
#include "controller/journal/journal_rows.h"
#include "controller/journal/sqlite_database.h"

namespace tutti::controller {

// Commits on a thread of its own: whatever has gathered while one transaction
// was written goes into the next one, so the cost of a sync is shared.
// Thread-safe but for Load.
class SqliteJournal final : public Journal {
 public:
  // Opens or makes the database. Blocks on the disk.
  static absl::StatusOr<std::unique_ptr<SqliteJournal>> Open(
      const std::string& path);
  // Commits what was given, then ends.
  ~SqliteJournal() override;

  // Call before the first Commit. Blocks on the disk.
  absl::StatusOr<JournalContents> Load() { return ReadRows(database_); }

  void Commit(JournalBatch batch,
              absl::AnyInvocable<void(absl::Status)> done) override;

 private:
  struct Request {
    JournalBatch batch;
    // Null: the thread is to end.
    absl::AnyInvocable<void(absl::Status)> done;
    absl::Status status;
  };

  SqliteJournal(SqliteDatabase database, RowWriter writer);

  void Run();
  // One transaction. A batch that fails is taken back alone; when the
  // transaction fails all of them do.
  void CommitTogether(std::vector<Request>& requests);
  absl::Status WriteApart(const JournalBatch& batch);

  // Used by Load, then by the thread only. In this order: statements go
  // before their database.
  SqliteDatabase database_;
  RowWriter writer_;

  EventQueue<Request> queue_;
  std::thread thread_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_JOURNAL_SQLITE_JOURNAL_H_
