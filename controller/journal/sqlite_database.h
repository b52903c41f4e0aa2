// SQLite's handles in owning types, with statuses for its result codes.
#ifndef CONTROLLER_JOURNAL_SQLITE_DATABASE_H_
#define CONTROLLER_JOURNAL_SQLITE_DATABASE_H_

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tutti::controller {

// A prepared statement, used again and again. Not thread-safe; must not
// outlive its database.
class SqliteStatement {
 public:
  SqliteStatement() = default;

  // Parameters count from 1. Text and blobs are not copied: they must live
  // until Run, or until the last Step.
  void Bind(int parameter, uint64_t value);
  void BindText(int parameter, std::string_view value);
  void BindBlob(int parameter, std::string_view value);

  // Runs a statement that gives no rows, and makes it ready again.
  absl::Status Run();
  // The next row of a query: false after the last one, when it is ready again.
  absl::StatusOr<bool> Step();

  // Columns count from 0. What they give is valid until the next Step.
  uint64_t Integer(int column) const;
  std::string_view Bytes(int column) const;

 private:
  friend class SqliteDatabase;
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const {
      sqlite3_finalize(statement);
    }
  };
  explicit SqliteStatement(sqlite3_stmt* statement) : statement_(statement) {}

  absl::Status Error(int result) const;

  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
};

// One connection. Not thread-safe.
class SqliteDatabase {
 public:
  // Makes the file when it is missing, with mode 0600.
  static absl::StatusOr<SqliteDatabase> Open(const std::string& path);

  // One or more statements without parameters or rows.
  absl::Status Execute(const char* statements);
  absl::StatusOr<SqliteStatement> Prepare(std::string_view text);
  // Of a query that gives one number, as PRAGMA user_version.
  absl::StatusOr<uint64_t> QueryInteger(std::string_view text);

 private:
  struct Closer {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };
  explicit SqliteDatabase(sqlite3* database) : database_(database) {}

  std::unique_ptr<sqlite3, Closer> database_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_JOURNAL_SQLITE_DATABASE_H_
