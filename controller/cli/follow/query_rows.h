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

// Reads what v1::Query says of its output, in pieces of any size. Not
// thread-safe.
class QueryRows {
 public:
  // `on_row` is called for each row that Append completes; may be null.
  // `on_mistake` for each line that is no row.
  struct Callbacks {
    std::function<void(const Json& row)> on_row;
    std::function<void(std::string_view line)> on_mistake;
  };

  void Append(std::string_view text, const Callbacks& callbacks);
  // Bytes are missing here: what was begun is no row.
  void Skip() { unfinished_.clear(); }

  // Empty until they came.
  const std::vector<query::ResultColumn>& columns() const { return columns_; }
  // Each an array with a value for each column.
  const std::vector<Json>& rows() const { return rows_; }

 private:
  void TakeLine(std::string_view line, const Callbacks& callbacks);
  bool TakeColumns(const Json& header);

  std::string unfinished_;
  std::vector<query::ResultColumn> columns_;
  std::vector<Json> rows_;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_QUERY_ROWS_H_
