#include "query/engine/database.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "common/base/ascii.h"
#include "common/base/closest.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/text/lines.h"
#include "query/engine/version_order.h"
#include "query/engine/virtual_table.h"
#include "query/engine/wql.h"

namespace tutti::query {
namespace {

// What SQLite says before the name of a table that is not there.
constexpr std::string_view kNoTable = "no such table: ";

// What `action` would do (sqlite3_set_authorizer); empty: it reads.
std::string_view ChangeIn(int action, const char* second) {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
      return "";
    case SQLITE_FUNCTION:
      return second != nullptr && std::string_view(second) == "load_extension"
                 ? "load_extension()"
                 : "";
    case SQLITE_INSERT:
      return "INSERT";
    case SQLITE_UPDATE:
      return "UPDATE";
    case SQLITE_DELETE:
      return "DELETE";
    case SQLITE_PRAGMA:
      return "PRAGMA";
    case SQLITE_ATTACH:
      return "ATTACH";
    case SQLITE_DETACH:
      return "DETACH";
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
      return "a transaction";
    default:
      return "a statement that makes or drops something";
  }
}

template <int (*compare)(std::string_view, std::string_view)>
int Collate(void* /*nothing*/, int a_size, const void* a, int b_size,
            const void* b) {
  return compare({static_cast<const char*>(a), static_cast<size_t>(a_size)},
                 {static_cast<const char*>(b), static_cast<size_t>(b_size)});
}

template <int (*compare)(std::string_view, std::string_view)>
int AddCollation(sqlite3* database, const char* name) {
  return sqlite3_create_collation_v2(database, name, SQLITE_UTF8, nullptr,
                                     Collate<compare>, nullptr);
}

std::vector<ResultColumn> ColumnsOf(sqlite3_stmt* statement) {
  std::vector<ResultColumn> columns;
  const int count = sqlite3_column_count(statement);
  for (int i = 0; i < count; ++i) {
    const char* type = sqlite3_column_decltype(statement, i);
    columns.push_back(
        {sqlite3_column_name(statement, i), type == nullptr ? "" : type});
  }
  return columns;
}

ResultValue ValueAt(sqlite3_stmt* statement, int column) {
  const auto bytes = [&] {
    const void* data = sqlite3_column_blob(statement, column);
    const auto size =
        static_cast<size_t>(sqlite3_column_bytes(statement, column));
    return data == nullptr ? std::string()
                           : std::string(static_cast<const char*>(data), size);
  };
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return static_cast<int64_t>(sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, column);
    case SQLITE_TEXT:
      return bytes();
    case SQLITE_BLOB:
      return Blob{bytes()};
    default:
      return std::monostate();
  }
}

// Whether it can be a query; what only looks like one is refused later.
bool MayRead(std::string_view sql) {
  const std::string_view text = Trimmed(sql);
  std::string word;
  for (const char c : text) {
    if (!IsLetter(c)) break;
    word += ToLower(c);
  }
  // A comment, a parenthesis or a mistake.
  if (word.empty()) return true;
  return word == "select" || word == "with" || word == "values" ||
         word == "explain";
}

// Whether only space and comments are left.
bool IsOver(sqlite3* database, std::string_view rest) {
  sqlite3_stmt* next = nullptr;
  const char* end = nullptr;
  const int result = sqlite3_prepare_v2(
      database, rest.data(), static_cast<int>(rest.size()), &next, &end);
  sqlite3_finalize(next);
  if (result != SQLITE_OK || next != nullptr) return false;
  const auto read = static_cast<size_t>(end - rest.data());
  return read == 0 || read >= rest.size() ||
         IsOver(database, rest.substr(read));
}

bool IsTypeName(std::string_view name) {
  for (const ColumnType type :
       {ColumnType::kText, ColumnType::kInteger, ColumnType::kBigInt,
        ColumnType::kUnsignedBigInt, ColumnType::kDouble}) {
    if (NameOf(type) == name) return true;
  }
  return false;
}

// As an identifier of SQL.
std::string Quoted(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

// Binds a value to a parameter, which counts from 1. Text must live until the
// step.
struct Binder {
  sqlite3_stmt* statement;
  int parameter;

  void operator()(std::monostate) const {
    sqlite3_bind_null(statement, parameter);
  }
  void operator()(int64_t number) const {
    sqlite3_bind_int64(statement, parameter, number);
  }
  void operator()(double number) const {
    sqlite3_bind_double(statement, parameter, number);
  }
  void operator()(const std::string& text) const {
    sqlite3_bind_text64(statement, parameter, text.data(), text.size(),
                        SQLITE_STATIC, SQLITE_UTF8);
  }
  void operator()(const Blob& blob) const {
    sqlite3_bind_blob64(statement, parameter,
                        blob.bytes.empty() ? "" : blob.bytes.data(),
                        blob.bytes.size(), SQLITE_STATIC);
  }
};

// What follows `begin` in `text`; absent: it begins with something else.
std::optional<std::string> Behind(std::string_view text,
                                  std::string_view begin) {
  if (!text.starts_with(begin)) return std::nullopt;
  return std::string(text.substr(begin.size()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Database::Open(
    const std::vector<const Table*>& tables, const std::vector<View>& views,
    std::string root) {
  std::unique_ptr<Database> database(
      new Database(tables, views, std::move(root)));
  sqlite3* handle = nullptr;
  const int result =
      sqlite3_open_v2(":memory:", &handle,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  database->database_.reset(handle);
  if (result != SQLITE_OK) {
    return ResourceExhausted("no memory for a query; free some");
  }
  // Sorting must not fill the disk of the host.
  if (sqlite3_exec(handle, "PRAGMA temp_store = MEMORY", nullptr, nullptr,
                   nullptr) != SQLITE_OK) {
    return Internal("cannot keep SQLite from the disk: {}",
                    sqlite3_errmsg(handle));
  }
  TUTTI_RETURN_IF_ERROR(database->AddTables());
  TUTTI_RETURN_IF_ERROR(database->AddViews());
  database->Protect();
  return database;
}

absl::Status Database::AddTables() {
  int result =
      AddCollation<CompareDpkgVersions>(database_.get(), "dpkg_version");
  if (result == SQLITE_OK) {
    result = AddCollation<CompareRpmVersions>(database_.get(), "rpm_version");
  }
  for (const Table* table : tables_) {
    if (result != SQLITE_OK) break;
    result = AddVirtualTable(database_.get(), *table, root_, unmet_need_);
    if (result != SQLITE_OK) break;
    // SQLite declares a table when it is named first, by a statement that the
    // authorizer would refuse.
    result =
        sqlite3_exec(database_.get(),
                     fmt::format("PRAGMA table_info({})", table->name).c_str(),
                     nullptr, nullptr, nullptr);
  }
  if (result == SQLITE_OK) return absl::OkStatus();
  return Internal("cannot make the tables: {}", sqlite3_errstr(result));
}

absl::Status Database::AddViews() {
  for (const View& view : views_) {
    const std::string statement =
        fmt::format("CREATE VIEW {} AS {}", view.name, view.select);
    if (sqlite3_exec(database_.get(), statement.c_str(), nullptr, nullptr,
                     nullptr) != SQLITE_OK) {
      return Internal("cannot make {}: {}", view.name,
                      sqlite3_errmsg(database_.get()));
    }
  }
  return absl::OkStatus();
}

void Database::Protect() {
  sqlite3_set_authorizer(
      database_.get(),
      [](void* self, int action, const char* /*first*/, const char* second,
         const char* /*database*/, const char* /*trigger*/) {
        const std::string_view change = ChangeIn(action, second);
        if (change.empty()) return SQLITE_OK;
        static_cast<Database*>(self)->refused_ = change;
        return SQLITE_DENY;
      },
      this);
}

absl::Status Database::AddRows(
    std::string_view name, const std::vector<ResultColumn>& columns,
    const std::vector<std::vector<ResultValue>>& rows) {
  std::vector<std::string> declarations;
  for (const ResultColumn& column : columns) {
    // The type may come from another host.
    const bool known = IsTypeName(column.type);
    declarations.push_back(Quoted(column.name) + " " +
                           (known ? column.type : ""));
  }
  sqlite3_set_authorizer(database_.get(), nullptr, nullptr);
  const std::string create = fmt::format("CREATE TABLE {} ({})", Quoted(name),
                                         fmt::join(declarations, ", "));
  int result =
      sqlite3_exec(database_.get(), create.c_str(), nullptr, nullptr, nullptr);
  const std::string insert = fmt::format(
      "INSERT INTO {} VALUES ({})", Quoted(name),
      fmt::join(std::vector<std::string_view>(columns.size(), "?"), ", "));
  sqlite3_stmt* prepared = nullptr;
  if (result == SQLITE_OK) {
    result = sqlite3_prepare_v2(database_.get(), insert.c_str(), -1, &prepared,
                                nullptr);
  }
  const Statement statement(prepared);
  for (const std::vector<ResultValue>& row : rows) {
    if (result != SQLITE_OK) break;
    for (size_t i = 0; i < row.size(); ++i) {
      std::visit(Binder{prepared, static_cast<int>(i) + 1}, row[i]);
    }
    sqlite3_step(prepared);
    result = sqlite3_reset(prepared);
  }
  Protect();
  added_tables_.emplace_back(name);
  if (result == SQLITE_OK) return absl::OkStatus();
  return InvalidArgument("the rows can not be put together: {}",
                         sqlite3_errmsg(database_.get()));
}

absl::StatusOr<Database::Statement> Database::Prepare(std::string_view sql) {
  error_ = {};
  refused_.clear();
  if (!MayRead(sql)) {
    error_ = ExplainWql(sql).value_or(QueryError{
        "a query only reads; begin it with SELECT, WITH or VALUES", 0});
    return InvalidArgument("{}", error_.text);
  }
  sqlite3_stmt* prepared = nullptr;
  const char* rest = nullptr;
  const int result =
      sqlite3_prepare_v2(database_.get(), sql.data(),
                         static_cast<int>(sql.size()), &prepared, &rest);
  Statement statement(prepared);
  if (result != SQLITE_OK) return WrongQuery(sql);
  if (prepared == nullptr) {
    return InvalidArgument(
        "the query is empty; write one such as SELECT * FROM uptime");
  }
  if (!IsOver(database_.get(),
              sql.substr(static_cast<size_t>(rest - sql.data())))) {
    error_.offset = static_cast<size_t>(rest - sql.data());
    error_.text = "one query at a time; send the next one as another job";
    return InvalidArgument("{}", error_.text);
  }
  return statement;
}

absl::StatusOr<std::vector<ResultColumn>> Database::Check(
    std::string_view sql) {
  TUTTI_ASSIGN_OR_RETURN(const Statement statement, Prepare(sql));
  return ColumnsOf(statement.get());
}

absl::Status Database::Run(std::string_view sql, ResultSink& sink) {
  TUTTI_ASSIGN_OR_RETURN(const Statement statement, Prepare(sql));
  sqlite3_stmt* prepared = statement.get();
  TUTTI_RETURN_IF_ERROR(sink.OnColumns(ColumnsOf(prepared)));
  const int columns = sqlite3_column_count(prepared);
  std::vector<ResultValue> row(static_cast<size_t>(columns));
  for (int step = sqlite3_step(prepared); step != SQLITE_DONE;
       step = sqlite3_step(prepared)) {
    if (step != SQLITE_ROW) {
      if (!refused_.empty()) return WrongQuery(sql);
      error_.text = sqlite3_errmsg(database_.get());
      return FailedPrecondition("{}", error_.text);
    }
    for (int i = 0; i < columns; ++i) {
      row[static_cast<size_t>(i)] = ValueAt(prepared, i);
    }
    TUTTI_RETURN_IF_ERROR(sink.OnRow(row));
  }
  return absl::OkStatus();
}

absl::Status Database::WrongQuery(std::string_view sql) {
  const std::string message = sqlite3_errmsg(database_.get());
  std::optional<QueryError> wql = ExplainWql(sql);
  if (const auto table = Behind(message, kNoTable); !wql && table) {
    wql = ExplainWqlClass(sql, *table);
  }
  if (wql.has_value() && refused_.empty()) {
    error_ = *std::move(wql);
    return InvalidArgument("{}", error_.text);
  }
  const int offset = sqlite3_error_offset(database_.get());
  if (offset >= 0 && static_cast<size_t>(offset) <= sql.size()) {
    error_.offset = static_cast<size_t>(offset);
  }
  error_.text = refused_.empty()
                    ? Explain(sql, message)
                    : fmt::format(
                          "a query only reads, and this has {} in it; leave it "
                          "out",
                          refused_);
  return InvalidArgument("{}", error_.text);
}

std::string Database::Explain(std::string_view sql,
                              std::string_view message) const {
  if (message == "no query solution") return unmet_need_;
  if (const auto table = Behind(message, kNoTable)) {
    const auto meant = Closest(DmtfName(*table), TableNames());
    return fmt::format(
        "there is no table '{}'{}; `tutti query --tables` lists "
        "them",
        *table, meant ? fmt::format(" (did you mean {}?)", *meant) : "");
  }
  if (const auto name = Behind(message, "no such column: ")) {
    const size_t dot = name->rfind('.');
    const std::string column =
        dot == name->npos ? *name : name->substr(dot + 1);
    const auto meant = Closest(column, ColumnNames(sql));
    return fmt::format(
        "there is no column '{}'{}; `tutti query --tables NAME` "
        "lists those of a table",
        *name, meant ? fmt::format(" (did you mean {}?)", *meant) : "");
  }
  return fmt::format("{}; see `tutti query --help`", message);
}

std::vector<std::string> Database::TableNames() const {
  std::vector<std::string> names = added_tables_;
  for (const Table* table : tables_) names.emplace_back(table->name);
  for (const View& view : views_) names.emplace_back(view.name);
  return names;
}

std::vector<std::string> Database::ColumnNames(std::string_view sql) const {
  std::vector<std::string> names;
  for (const Table* table : tables_) {
    if (sql.find(table->name) == sql.npos) continue;
    for (const Column& column : table->columns) {
      names.emplace_back(column.name);
    }
  }
  return names;
}

}  // namespace tutti::query
