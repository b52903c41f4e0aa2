#include "controller/cli/follow/rows_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "absl/strings/escaping.h"
#include "common/base/ascii.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/targets/node_set.h"

namespace tutti::cli {
namespace {

constexpr std::string_view kRule = "----------------\n";
constexpr char kTarget[] = "target";
constexpr char kMergedTable[] = "rows";

std::string Upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), ToUpper);
  return text;
}

bool IsNumeric(const std::string& type) {
  return type == "INTEGER" || type == "BIGINT" || type == "UNSIGNED_BIGINT" ||
         type == "DOUBLE";
}

Cell CellOf(const Json& value) {
  if (value.is_null()) return {"", nullptr, Style::kNone};
  return {value.is_string() ? value.get<std::string>() : ToLine(value), value,
          Style::kNone};
}

// A listing with columns that are known only now, which it borrows.
class RowsTable {
 public:
  explicit RowsTable(const std::vector<query::ResultColumn>& columns) {
    std::vector<Column> shown;
    for (const query::ResultColumn& column : columns) {
      names_.push_back(column.name);
      const std::string& title = names_.emplace_back(Upper(column.name));
      const std::string& key = *std::prev(names_.end(), 2);
      shown.push_back(
          {title, key, Column::Shown::kAlways, IsNumeric(column.type)});
    }
    listing_.emplace("rows", names_.empty() ? "" : names_.front(),
                     std::move(shown));
  }
  Listing& listing() { return *listing_; }

 private:
  // Does not move what is in it.
  std::deque<std::string> names_;
  std::optional<Listing> listing_;
};

query::ResultValue ToValue(const Json& value) {
  if (value.is_number_integer()) return value.get<int64_t>();
  if (value.is_number()) return value.get<double>();
  if (value.is_string()) return value.get<std::string>();
  if (value.is_object()) {
    query::Blob blob;
    absl::Base64Unescape(value["base64"].get<std::string>(), &blob.bytes);
    return blob;
  }
  return std::monostate();
}

Json ToJson(const query::ResultValue& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) return *number;
  if (const auto* real = std::get_if<double>(&value)) return *real;
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* blob = std::get_if<query::Blob>(&value)) {
    return {{"base64", absl::Base64Escape(blob->bytes)}};
  }
  return nullptr;
}

// What a merging query gives.
class MergedRows final : public query::ResultSink {
 public:
  absl::Status OnColumns(
      const std::vector<query::ResultColumn>& columns) override {
    table.emplace(columns);
    return absl::OkStatus();
  }
  absl::Status OnRow(const std::vector<query::ResultValue>& row) override {
    std::vector<Cell> cells;
    for (const query::ResultValue& value : row) {
      cells.push_back(CellOf(ToJson(value)));
    }
    table->listing().Add(std::move(cells));
    return absl::OkStatus();
  }

  std::optional<RowsTable> table;
};

std::optional<size_t> Find(const std::vector<query::ResultColumn>& columns,
                           const std::string& name) {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == name) return i;
  }
  return std::nullopt;
}

// What `row` of `own` columns has in `columns`.
std::vector<Json> Arrange(const Json& row,
                          const std::vector<query::ResultColumn>& own,
                          const std::vector<query::ResultColumn>& columns) {
  std::vector<Json> values(columns.size());
  for (size_t i = 0; i < own.size(); ++i) {
    if (const auto at = Find(columns, own[i].name)) values[*at] = row[i];
  }
  return values;
}

}  // namespace

RowsView::RowsView(const FollowedJob& job, RowsViewOptions options, Sinks sinks)
    : job_(job),
      options_(std::move(options)),
      sinks_(sinks),
      lines_(job, options_.lines, sinks),
      answers_(job.tasks().size()) {}

void RowsView::OnOutput(size_t task, const OutputPiece& piece) {
  if (piece.stream != v1::OUTPUT_STREAM_STDOUT || piece.content == nullptr) {
    if (piece.content == nullptr) answers_[task].Skip();
    return lines_.OnOutput(task, piece);
  }
  QueryRows::Callbacks callbacks;
  if (streams()) {
    callbacks.on_row = [&](const Json& row) { WriteRow(task, row); };
  }
  callbacks.on_mistake = [&](std::string_view line) {
    sinks_.error += RemarkLine(
        job_.tasks()[task].name,
        fmt::format("this is no row of the answer: {}", line.substr(0, 200)),
        options_.lines.color_error);
  };
  answers_[task].Append(*piece.content, callbacks);
}

void RowsView::OnAttempt(size_t task) {
  answers_[task] = {};
  lines_.OnAttempt(task);
}

void RowsView::OnStatus(size_t task) { lines_.OnStatus(task); }

absl::Status RowsView::Finish(int exit_status) {
  TUTTI_RETURN_IF_ERROR(lines_.Finish(exit_status));
  if (!options_.merge.empty()) return WriteMerged();
  if (options_.gather) {
    WriteGroups();
  } else if (!streams()) {
    WriteRows();
  }
  return absl::OkStatus();
}

void RowsView::WriteRow(size_t task, const Json& row) {
  const auto& columns = answers_[task].columns();
  Json values = Json::object();
  for (size_t i = 0; i < columns.size(); ++i) {
    values[columns[i].name] = row[i];
  }
  sinks_.output += ToLine(Versioned({{kTarget, job_.tasks()[task].name},
                                     {"row", std::move(values)}})) +
                   "\n";
}

std::vector<query::ResultColumn> RowsView::AllColumns() const {
  std::vector<query::ResultColumn> all = {{kTarget, "TEXT"}};
  for (const QueryRows& answer : answers_) {
    for (const query::ResultColumn& column : answer.columns()) {
      if (!Find(all, column.name)) all.push_back(column);
    }
  }
  return all;
}

void RowsView::WriteRows() {
  const std::vector<query::ResultColumn> columns = AllColumns();
  RowsTable table(columns);
  for (size_t task = 0; task < answers_.size(); ++task) {
    const QueryRows& answer = answers_[task];
    for (const Json& row : answer.rows()) {
      std::vector<Cell> cells;
      for (const Json& value : Arrange(row, answer.columns(), columns)) {
        cells.push_back(CellOf(value));
      }
      cells[0] = Cell::Text(job_.tasks()[task].name);
      table.listing().Add(std::move(cells));
    }
  }
  sinks_.output +=
      table.listing().Format(options_.format, options_.color, options_.width);
}

void RowsView::WriteGroups() {
  // By what they answered; the index in `groups`.
  std::map<std::string, size_t> known;
  std::vector<std::vector<size_t>> groups;
  for (size_t task = 0; task < answers_.size(); ++task) {
    const QueryRows& answer = answers_[task];
    if (answer.columns().empty()) continue;
    std::string key;
    for (const auto& column : answer.columns()) key += column.name + "\n";
    for (const Json& row : answer.rows()) key += ToLine(row) + "\n";
    const auto [found, added] =
        known.try_emplace(std::move(key), groups.size());
    if (added) groups.emplace_back();
    groups[found->second].push_back(task);
  }
  std::stable_sort(
      groups.begin(), groups.end(),
      [](const auto& a, const auto& b) { return a.size() > b.size(); });
  for (const std::vector<size_t>& tasks : groups) {
    std::vector<std::string> names;
    for (const size_t task : tasks) names.push_back(job_.tasks()[task].name);
    const QueryRows& answer = answers_[tasks[0]];
    RowsTable table(answer.columns());
    for (const Json& row : answer.rows()) {
      std::vector<Cell> cells;
      for (const Json& value : row) cells.push_back(CellOf(value));
      table.listing().Add(std::move(cells));
    }
    sinks_.output += fmt::format("{}{}\n{}", kRule, FoldNames(names), kRule);
    sinks_.output += answer.rows().empty()
                         ? "no rows\n"
                         : table.listing().Format(
                               options_.format, options_.color, options_.width);
  }
}

absl::Status RowsView::WriteMerged() {
  std::vector<query::ResultColumn> columns = AllColumns();
  std::vector<std::vector<query::ResultValue>> rows;
  for (size_t task = 0; task < answers_.size(); ++task) {
    const QueryRows& answer = answers_[task];
    for (const Json& row : answer.rows()) {
      std::vector<query::ResultValue>& values = rows.emplace_back();
      for (const Json& value : Arrange(row, answer.columns(), columns)) {
        values.push_back(ToValue(value));
      }
      values[0] = job_.tasks()[task].name;
    }
  }
  TUTTI_ASSIGN_OR_RETURN(const auto database,
                         query::Database::Open({}, {}, ""));
  TUTTI_RETURN_IF_ERROR(database->AddRows(kMergedTable, columns, rows));
  MergedRows merged;
  if (absl::Status ran = database->Run(options_.merge, merged); !ran.ok()) {
    return WithPrefix("--merge", ran);
  }
  sinks_.output += merged.table->listing().Format(
      options_.format, options_.color, options_.width);
  return absl::OkStatus();
}

}  // namespace tutti::cli
