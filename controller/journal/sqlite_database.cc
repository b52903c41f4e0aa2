#include "controller/journal/sqlite_database.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "common/base/errors.h"
#include "common/base/file_descriptor.h"
#include "common/base/status_macros.h"

namespace tutti::controller {
namespace {

// What to do about it is known for a few codes only.
const char* Remedy(int result) {
  switch (result & 0xff) {
    case SQLITE_FULL:
      return "; the disk is full, free some space";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "; restore the file from a copy, or move it away to begin anew";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "; end the other program that uses it";
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return "; check the owner and the mode of the file and its folder";
    default:
      return "";
  }
}

absl::StatusCode CodeOf(int result) {
  switch (result & 0xff) {
    case SQLITE_FULL:
      return absl::StatusCode::kResourceExhausted;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::StatusCode::kDataLoss;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::StatusCode::kInternal;
  }
}

absl::Status ErrorOf(sqlite3* database, int result) {
  const char* path = sqlite3_db_filename(database, "main");
  return MakeError(CodeOf(result), "journal {}: {}{}",
                   path == nullptr ? "" : path, sqlite3_errmsg(database),
                   Remedy(result));
}

}  // namespace

void SqliteStatement::Bind(int parameter, uint64_t value) {
  sqlite3_bind_int64(statement_.get(), parameter,
                     static_cast<sqlite3_int64>(value));
}

void SqliteStatement::BindText(int parameter, std::string_view value) {
  sqlite3_bind_text64(statement_.get(), parameter, value.data(), value.size(),
                      SQLITE_STATIC, SQLITE_UTF8);
}

void SqliteStatement::BindBlob(int parameter, std::string_view value) {
  // A null pointer would bind NULL instead of an empty blob.
  sqlite3_bind_blob64(statement_.get(), parameter,
                      value.empty() ? "" : value.data(), value.size(),
                      SQLITE_STATIC);
}

absl::Status SqliteStatement::Run() { return Step().status(); }

absl::StatusOr<bool> SqliteStatement::Step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  absl::Status status;
  if (result != SQLITE_DONE) status = Error(result);
  sqlite3_reset(statement_.get());
  if (!status.ok()) return status;
  return false;
}

uint64_t SqliteStatement::Integer(int column) const {
  return static_cast<uint64_t>(sqlite3_column_int64(statement_.get(), column));
}

std::string_view SqliteStatement::Bytes(int column) const {
  const void* bytes = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return {static_cast<const char*>(bytes), static_cast<size_t>(size)};
}

absl::Status SqliteStatement::Error(int result) const {
  return ErrorOf(sqlite3_db_handle(statement_.get()), result);
}

absl::StatusOr<SqliteDatabase> SqliteDatabase::Open(const std::string& path) {
  // SQLite would make it with the umask's mode.
  FileDescriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file.valid()) return SystemError(errno, fmt::format("open {}", path));
  sqlite3* handle = nullptr;
  const int result =
      sqlite3_open_v2(path.c_str(), &handle,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  SqliteDatabase database(handle);
  if (handle == nullptr) return ResourceExhausted("no memory for {}", path);
  if (result != SQLITE_OK) return ErrorOf(handle, result);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, 2000);
  return database;
}

absl::Status SqliteDatabase::Execute(const char* statements) {
  const int result =
      sqlite3_exec(database_.get(), statements, nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) return ErrorOf(database_.get(), result);
  return absl::OkStatus();
}

absl::StatusOr<SqliteStatement> SqliteDatabase::Prepare(std::string_view text) {
  sqlite3_stmt* statement = nullptr;
  const int result = sqlite3_prepare_v3(
      database_.get(), text.data(), static_cast<int>(text.size()),
      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (result != SQLITE_OK) return ErrorOf(database_.get(), result);
  return SqliteStatement(statement);
}

absl::StatusOr<uint64_t> SqliteDatabase::QueryInteger(std::string_view text) {
  TUTTI_ASSIGN_OR_RETURN(SqliteStatement statement, Prepare(text));
  TUTTI_ASSIGN_OR_RETURN(const bool found, statement.Step());
  return found ? statement.Integer(0) : 0;
}

}  // namespace tutti::controller
