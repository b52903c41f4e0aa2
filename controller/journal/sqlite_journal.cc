#include "controller/journal/sqlite_journal.h"

#include <utility>

#include "absl/memory/memory.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace tutti::controller {

absl::StatusOr<std::unique_ptr<SqliteJournal>> SqliteJournal::Open(
    const std::string& path) {
  TUTTI_ASSIGN_OR_RETURN(SqliteDatabase database, SqliteDatabase::Open(path));
  TUTTI_RETURN_IF_ERROR(PrepareTables(database));
  TUTTI_ASSIGN_OR_RETURN(RowWriter writer, RowWriter::Create(database));
  return absl::WrapUnique(
      new SqliteJournal(std::move(database), std::move(writer)));
}

SqliteJournal::SqliteJournal(SqliteDatabase database, RowWriter writer)
    : database_(std::move(database)),
      writer_(std::move(writer)),
      thread_([this] { Run(); }) {}

SqliteJournal::~SqliteJournal() {
  queue_.Push({});
  thread_.join();
}

void SqliteJournal::Commit(JournalBatch batch,
                           absl::AnyInvocable<void(absl::Status)> done) {
  queue_.Push({std::move(batch), std::move(done), absl::OkStatus()});
}

void SqliteJournal::Run() {
  bool ending = false;
  while (!ending) {
    std::vector<Request> requests = queue_.TakeAll(absl::InfiniteDuration());
    // Nothing is given after the request to end, so it is the last one.
    if (!requests.empty() && requests.back().done == nullptr) {
      ending = true;
      requests.pop_back();
    }
    if (requests.empty()) continue;
    CommitTogether(requests);
    for (Request& request : requests) {
      std::move(request.done)(std::move(request.status));
    }
  }
}

void SqliteJournal::CommitTogether(std::vector<Request>& requests) {
  absl::Status status = database_.Execute("BEGIN IMMEDIATE");
  if (status.ok()) {
    for (Request& request : requests) {
      request.status = WriteApart(request.batch);
    }
    status = database_.Execute("COMMIT");
  }
  if (status.ok()) return;
  log::Error("{}", std::string(status.message()));
  // Fails when the transaction is over already, which is as well.
  database_.Execute("ROLLBACK").IgnoreError();
  for (Request& request : requests) request.status = status;
}

absl::Status SqliteJournal::WriteApart(const JournalBatch& batch) {
  TUTTI_RETURN_IF_ERROR(database_.Execute("SAVEPOINT batch"));
  absl::Status status = writer_.Write(batch);
  if (!status.ok()) {
    log::Error("{}", std::string(status.message()));
    TUTTI_RETURN_IF_ERROR(database_.Execute("ROLLBACK TO batch"));
  }
  TUTTI_RETURN_IF_ERROR(database_.Execute("RELEASE batch"));
  return status;
}

}  // namespace tutti::controller
