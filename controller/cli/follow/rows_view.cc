#include "controller/cli/follow/rows_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "common/base/ascii.h"
#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/targets/node_set.h"
#include "controller/cli/terminal.h"
#include "query/output/json_value.h"

namespace tutti::cli {
namespace {

// Of all answers.
constexpr uint64_t kMaxBytes = 512 << 20;
constexpr std::string_view kRule = "----------------\n";
constexpr char kTarget[] = "target";
constexpr char kMergedTable[] = "rows";

std::string Upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), ToUpper);
  return text;
}

// A row of a table is a line.
std::string OneLine(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return text;
}

bool IsNumeric(const std::string& type) {
  return type == "INTEGER" || type == "BIGINT" || type == "UNSIGNED_BIGINT" ||
         type == "DOUBLE";
}

Cell CellOf(const Json& value) {
  if (value.is_null()) return {"", nullptr, Style::kNone};
  return {OneLine(value.is_string() ? value.get<std::string>() : ToLine(value)),
          value, Style::kNone};
}

// A listing with columns that are known only now, which it borrows.
class RowsTable {
 public:
  explicit RowsTable(const std::vector<query::ResultColumn>& columns) {
    std::vector<Column> shown;
    for (const query::ResultColumn& column : columns) {
      names_.push_back(column.name);
      const std::string& title =
          names_.emplace_back(Sanitize(OneLine(Upper(column.name))));
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
    cells.reserve(row.size());
    for (const query::ResultValue& value : row) {
      cells.push_back(CellOf(query::ToJson(value)));
    }
    table->listing().Add(std::move(cells));
    return absl::OkStatus();
  }

  std::optional<RowsTable> table;
};

// Where each of `own` columns stands in `columns`.
std::vector<size_t> PlacesIn(const std::vector<query::ResultColumn>& columns,
                             const std::vector<query::ResultColumn>& own) {
  std::map<std::string, size_t> places;
  for (size_t i = 0; i < columns.size(); ++i) {
    places.emplace(Upper(columns[i].name), i);
  }
  std::vector<size_t> found;
  found.reserve(own.size());
  for (const query::ResultColumn& column : own) {
    found.push_back(places.at(Upper(column.name)));
  }
  return found;
}

}  // namespace

RowsView::RowsView(const FollowedJob& job, RowsViewOptions options, Sinks sinks)
    : job_(job),
      options_(std::move(options)),
      sinks_(sinks),
      lines_(job, options_.lines, sinks),
      answers_(job.tasks().size()),
      bytes_(job.tasks().size()) {}

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
  if (!streams()) {
    bytes_[task] += piece.content->size();
    all_bytes_ += piece.content->size();
  }
  if (all_bytes_ > kMaxBytes) return;
  answers_[task].Append(*piece.content, callbacks);
}

void RowsView::OnAttempt(size_t task) {
  answers_[task] = {};
  all_bytes_ -= std::exchange(bytes_[task], 0);
  lines_.OnAttempt(task);
}

void RowsView::OnStatus(size_t task) { lines_.OnStatus(task); }

absl::Status RowsView::Finish(int exit_status) {
  TUTTI_RETURN_IF_ERROR(lines_.Finish(exit_status));
  if (all_bytes_ > kMaxBytes) {
    return ResourceExhausted(
        "the rows take more than {}; ask for fewer, or show them as they come "
        "with -o jsonl",
        FormatSize(kMaxBytes));
  }
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
  std::set<std::string> known;
  for (const QueryRows& answer : answers_) {
    for (const query::ResultColumn& column : answer.columns()) {
      if (known.insert(Upper(column.name)).second) all.push_back(column);
    }
  }
  return all;
}

template <typename Function>
void RowsView::ForEachRow(const std::vector<query::ResultColumn>& columns,
                          Function function) const {
  for (size_t task = 0; task < answers_.size(); ++task) {
    const QueryRows& answer = answers_[task];
    const std::vector<size_t> places = PlacesIn(columns, answer.columns());
    for (const Json& row : answer.rows()) {
      std::vector<Json> values(columns.size());
      values[0] = job_.tasks()[task].name;
      for (size_t i = 0; i < places.size(); ++i) values[places[i]] = row[i];
      function(values);
    }
  }
}

void RowsView::WriteRows() {
  const std::vector<query::ResultColumn> columns = AllColumns();
  RowsTable table(columns);
  ForEachRow(columns, [&](const std::vector<Json>& values) {
    std::vector<Cell> cells;
    cells.reserve(values.size());
    for (const Json& value : values) cells.push_back(CellOf(value));
    table.listing().Add(std::move(cells));
  });
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
    names.reserve(tasks.size());
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
  const std::vector<query::ResultColumn> columns = AllColumns();
  std::vector<std::vector<query::ResultValue>> rows;
  ForEachRow(columns, [&](const std::vector<Json>& values) {
    std::vector<query::ResultValue>& row = rows.emplace_back();
    row.reserve(values.size());
    for (const Json& value : values) row.push_back(query::FromJson(value));
  });
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
