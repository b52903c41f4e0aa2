// The rows of a query over all targets.
#ifndef CONTROLLER_CLI_FOLLOW_ROWS_VIEW_H_
#define CONTROLLER_CLI_FOLLOW_ROWS_VIEW_H_

#include <string>
#include <vector>

#include "controller/cli/follow/line_view.h"
#include "controller/cli/follow/output_view.h"
#include "controller/cli/follow/query_rows.h"
#include "controller/cli/follow/rows_document.h"
#include "controller/cli/follow/rows_series.h"
#include "controller/cli/output.h"

namespace tutti::cli {

struct RowsViewOptions {
  OutputFormat format = OutputFormat::kTable;
  // Equal results once, under the folded names of those who gave them.
  bool gather = false;
  // What this answer has in common with others; borrowed. Null: it is alone.
  const RowsSeries* series = nullptr;
  // A query over the table `rows`: all rows, the target's name first; empty:
  // the rows themselves.
  std::string merge;
  bool color = false;
  // Of the terminal; 0: not a terminal.
  int width = 0;
  LineViewOptions lines;
};

// Lines of JSON come as they come, each {"v":1,"target":...,"row":{...}}, but
// for changes; everything else is written at the end, the target's name before
// the columns, or refused where it takes more than 512 MiB, with what of a
// series is kept. Standard error and remarks are shown as lines.
class RowsView final : public OutputView {
 public:
  RowsView(const FollowedJob& job, RowsViewOptions options, Sinks sinks);

  void OnOutput(size_t task, const OutputPiece& piece) override;
  void OnAttempt(size_t task) override;
  void OnStatus(size_t task) override;
  absl::Status Finish(int exit_status) override;

 private:
  bool streams() const {
    return options_.format == OutputFormat::kJsonl && options_.merge.empty() &&
           series_.changes == nullptr;
  }
  // A line of JSON.
  void WriteLine(size_t task, RowAction action,
                 const std::vector<query::ResultColumn>& columns,
                 const Json& row);
  void AddRows(size_t task, RowAction action,
               const std::vector<query::ResultColumn>& columns,
               const std::vector<Json>& rows, RowsDocument& document);
  // What changed of a target whose answer is all there.
  void AddChanges(size_t task, RowsDocument& document);
  bool CanBeCompared(size_t task);
  void WriteRows(RowsDocument& document);
  // The rows of the merging query.
  absl::Status Merge(RowsDocument& document);
  absl::Status WriteDocument();
  void WriteGroups();

  const FollowedJob& job_;
  const RowsViewOptions options_;
  const RowsSeries series_;
  // What stands before each row.
  const std::vector<Column> labels_;
  const Sinks sinks_;
  LineView lines_;
  // By task.
  std::vector<QueryRows> answers_;
  // Of what is kept of them, and of all.
  std::vector<uint64_t> bytes_;
  uint64_t all_bytes_ = 0;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_ROWS_VIEW_H_
