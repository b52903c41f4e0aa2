// Queries over the tables of a host.
#ifndef QUERY_ENGINE_DATABASE_H_
#define QUERY_ENGINE_DATABASE_H_

#include <sqlite3.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "query/engine/table.h"

namespace tutti::query {

// A view over tables, as the CIM classes are. The texts are literals.
struct View {
  std::string_view name;
  std::string_view description;
  std::string_view select;
};

struct ResultColumn {
  std::string name;
  // As declared ("BIGINT"); empty for an expression.
  std::string type;
};

// A value of a result: as Value, but bytes are told from text.
struct Blob {
  std::string bytes;
};
using ResultValue =
    std::variant<std::monostate, int64_t, double, std::string, Blob>;

// What becomes of a result.
class ResultSink {
 public:
  virtual ~ResultSink() = default;
  // Once, before the rows. An error ends the query.
  virtual absl::Status OnColumns(const std::vector<ResultColumn>& columns) = 0;
  virtual absl::Status OnRow(const std::vector<ResultValue>& row) = 0;
};

// A mistake in a query, with its place.
struct QueryError {
  std::string text;
  // Bytes before it; absent: of no place.
  std::optional<size_t> offset;
};

// Reads what a host is, and can change nothing. Not thread-safe.
class Database {
 public:
  // `root` stands before every path of the tables, for tests. The tables must
  // outlive it.
  static absl::StatusOr<std::unique_ptr<Database>> Open(
      const std::vector<const Table*>& tables, const std::vector<View>& views,
      std::string root);

  // Adds a table of these rows, whose names may be any. INVALID_ARGUMENT: two
  // columns have one name.
  absl::Status AddRows(std::string_view name,
                       const std::vector<ResultColumn>& columns,
                       const std::vector<std::vector<ResultValue>>& rows);

  // The columns that Run would give; the same errors.
  absl::StatusOr<std::vector<ResultColumn>> Check(std::string_view sql);
  // One SELECT. INVALID_ARGUMENT: the query is wrong; the text is one line with
  // the remedy, and error() says where. FAILED_PRECONDITION: a table could not
  // be read.
  absl::Status Run(std::string_view sql, ResultSink& sink);
  // Of the last Run.
  const QueryError& error() const { return error_; }

 private:
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const {
      sqlite3_finalize(statement);
    }
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalizer>;
  struct Closer {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };

  Database(const std::vector<const Table*>& tables,
           const std::vector<View>& views, std::string root)
      : tables_(tables), views_(views), root_(std::move(root)) {}
  absl::Status AddTables();
  absl::Status AddViews();
  // From now on nothing can be changed.
  void Protect();
  absl::StatusOr<Statement> Prepare(std::string_view sql);
  absl::Status WrongQuery(std::string_view sql);
  // What SQLite says of the query, with the remedy.
  std::string Explain(std::string_view sql, std::string_view message) const;
  std::vector<std::string> TableNames() const;
  // Of the tables that the query names.
  std::vector<std::string> ColumnNames(std::string_view sql) const;

  const std::vector<const Table*> tables_;
  const std::vector<View> views_;
  const std::string root_;
  // By AddRows.
  std::vector<std::string> added_tables_;
  // What a table lacked in some plan for a statement.
  std::string unmet_need_;
  // What the authorizer refused, for the error.
  std::string refused_;
  QueryError error_;
  // Last: it uses the tables.
  std::unique_ptr<sqlite3, Closer> database_;
};

}  // namespace tutti::query

#endif  // QUERY_ENGINE_DATABASE_H_
