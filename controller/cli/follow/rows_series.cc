#include "controller/cli/follow/rows_series.h"

#include <fmt/format.h>

#include <string>

namespace tutti::cli {
namespace {

constexpr Column kQuery = {"QUERY", "query"};
constexpr Column kTime = {"TIME", "time"};
constexpr Column kAction = {"+-", "action"};
constexpr Column kTargetColumn = {"TARGET", "target"};

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", time, absl::LocalTimeZone());
}

Cell ActionCell(RowAction action) {
  // The words of osquery.
  return action == RowAction::kAdded ? Cell{"+", "added", Style::kGreen}
                                     : Cell{"-", "removed", Style::kRed};
}

}  // namespace

std::vector<Column> LabelsOf(const RowsSeries& series, OutputFormat format,
                             bool merged) {
  // People have the query, and where all rows are shown the time, above them.
  const bool for_people = format == OutputFormat::kTable;
  const bool only_changes = series.changes != nullptr;
  std::vector<Column> labels;
  if (!series.query.empty() && !for_people) labels.push_back(kQuery);
  if (series.asked_at && (!for_people || only_changes)) labels.push_back(kTime);
  if (only_changes) labels.push_back(kAction);
  if (!merged) labels.push_back(kTargetColumn);
  return labels;
}

std::vector<Cell> LabelCells(const RowsSeries& series,
                             const std::vector<Column>& labels,
                             const std::string& target, RowAction action) {
  std::vector<Cell> cells;
  cells.reserve(labels.size());
  for (const Column& label : labels) {
    if (label.key == kQuery.key) {
      cells.push_back(Cell::Text(series.query));
    } else if (label.key == kTime.key) {
      cells.push_back({TimeText(*series.asked_at), TimeToJson(*series.asked_at),
                       Style::kNone});
    } else if (label.key == kAction.key) {
      cells.push_back(ActionCell(action));
    } else {
      cells.push_back(Cell::Text(target));
    }
  }
  return cells;
}

std::string HeadingOf(const RowsSeries& series, OutputFormat format) {
  if (format != OutputFormat::kTable) return "";
  std::string text = series.query;
  if (series.asked_at && series.changes == nullptr) {
    if (!text.empty()) text += ", ";
    text += TimeText(*series.asked_at);
  }
  return text.empty() ? "" : fmt::format("=== {} ===\n", Sanitize(text));
}

}  // namespace tutti::cli
