// Rows of any columns as one table or document.
#ifndef CONTROLLER_CLI_FOLLOW_ROWS_DOCUMENT_H_
#define CONTROLLER_CLI_FOLLOW_ROWS_DOCUMENT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "controller/cli/follow/column_union.h"
#include "controller/cli/output.h"
#include "query/engine/database.h"

namespace tutti::cli {

// A value of a row as it is shown.
Cell CellOf(const Json& value);

// Collects the rows of one answer or of many. Not thread-safe.
class RowsDocument {
 public:
  // `labels` stand before the columns of the rows.
  RowsDocument(OutputFormat format, std::vector<Column> labels);

  // Where the columns of the rows to come stand.
  std::vector<size_t> AddColumns(const std::vector<query::ResultColumn>& own) {
    return columns_.Add(own);
  }
  // A cell for each label, and a value for each place.
  void AddRow(std::vector<Cell> labels, const std::vector<size_t>& places,
              const Json& row);

  // Ready to be written; an empty table is an empty text. In JSON a row has
  // its own columns only.
  std::string Format(bool color, int width) const;
  // What CSV begins with.
  std::string Header() const;
  // What the rows in it take.
  uint64_t bytes() const { return bytes_; }
  // Takes the rows out. The columns stay.
  void Clear();

 private:
  std::string FormatRows(const std::vector<std::vector<Cell>>& rows, bool color,
                         int width) const;

  const OutputFormat format_;
  const std::vector<Column> labels_;
  ColumnUnion columns_;
  // Those of JSON, or the others; shorter where columns came later.
  Json objects_ = Json::array();
  std::vector<std::vector<Cell>> rows_;
  uint64_t bytes_ = 0;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_ROWS_DOCUMENT_H_
