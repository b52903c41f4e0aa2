// The rows that a target answered a query with.
#ifndef CONTROLLER_CLI_FOLLOW_QUERY_ROWS_H_
#define CONTROLLER_CLI_FOLLOW_QUERY_ROWS_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/cli/output.h"
#include "query/engine/database.h"

namespace tutti::cli {

// Columns that can stand side by side behind one called target: of those that
// are called the same but for their letters, or target, all but the first get a
// number ("name:2").
std::vector<query::ResultColumn> WithDistinctNames(
    std::vector<query::ResultColumn> columns);

// Reads what v1::Query says of its output, in pieces of any size. Not
// thread-safe.
class QueryRows {
 public:
  // `on_row` takes each row that Append completes; null: they are kept.
  // `on_mistake` is called for each line that is no row, with its beginning.
  struct Callbacks {
    std::function<void(const Json& row)> on_row;
    std::function<void(std::string_view line)> on_mistake;
  };

  void Append(std::string_view text, const Callbacks& callbacks);
  // Bytes are missing here: what was begun is no row.
  void Skip() {
    unfinished_.clear();
    too_long_ = false;
    lacking_ = true;
  }
  // The columns came, and nothing that came was left out.
  bool whole() const {
    return !columns_.empty() && !lacking_ && unfinished_.empty();
  }

  // Empty until they came.
  const std::vector<query::ResultColumn>& columns() const { return columns_; }
  // Each an array with a value for each column.
  const std::vector<Json>& rows() const { return rows_; }

 private:
  void TakeLine(std::string_view line, const Callbacks& callbacks);
  // It is no row.
  void Refuse(std::string_view line, const Callbacks& callbacks);
  bool TakeColumns(const Json& header);

  std::string unfinished_;
  // The rest of the line is left out.
  bool too_long_ = false;
  bool lacking_ = false;
  std::vector<query::ResultColumn> columns_;
  std::vector<Json> rows_;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_QUERY_ROWS_H_
