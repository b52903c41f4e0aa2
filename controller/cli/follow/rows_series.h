// What answers have in common that are given one after another.
#ifndef CONTROLLER_CLI_FOLLOW_ROWS_SERIES_H_
#define CONTROLLER_CLI_FOLLOW_ROWS_SERIES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "controller/cli/follow/row_changes.h"
#include "controller/cli/follow/rows_document.h"
#include "controller/cli/output.h"

namespace tutti::cli {

// Of the queries of a pack, or of a query that is asked again and again, as it
// stands for one answer.
struct RowsSeries {
  // Name of the query; empty: there is only one.
  std::string query;
  // When it was asked; absent: it is asked once.
  std::optional<absl::Time> asked_at;
  // What targets gave before: only what changed is shown. Null: all rows are.
  RowChanges* changes = nullptr;
  // What is remembered besides, for the other queries.
  uint64_t other_bytes = 0;
  // Gets the rows, where all answers are one document; null: each is shown.
  RowsDocument* document = nullptr;
};

enum class RowAction { kNone, kAdded, kRemoved };

// What stands before each row in this format; the target's name comes last,
// unless the rows are `merged`.
std::vector<Column> LabelsOf(const RowsSeries& series, OutputFormat format,
                             bool merged);
// The cells of a row for them.
std::vector<Cell> LabelCells(const RowsSeries& series,
                             const std::vector<Column>& labels,
                             const std::string& target, RowAction action);
// The line above the rows for people; empty: none is needed.
std::string HeadingOf(const RowsSeries& series, OutputFormat format);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_ROWS_SERIES_H_
