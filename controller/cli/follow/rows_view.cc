#include "controller/cli/follow/rows_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/targets/node_set.h"
#include "controller/cli/follow/column_union.h"
#include "query/output/json_value.h"

namespace tutti::cli {
namespace {

// Of all answers.
constexpr uint64_t kMaxBytes = 512 << 20;
constexpr std::string_view kAnswerRule = "----------------\n";
constexpr std::string_view kNoRows = "no rows\n";
constexpr char kMergedTable[] = "rows";
constexpr std::string_view kTarget = "target";

// Of answers before this one.
uint64_t KeptBytes(const RowsSeries& series) {
  return series.other_bytes +
         (series.changes == nullptr ? 0 : series.changes->bytes()) +
         (series.document == nullptr ? 0 : series.document->bytes());
}

// What a merging query gives.
class MergedRows final : public query::ResultSink {
 public:
  // A copy of `labels` stands before each row.
  MergedRows(std::vector<Cell> labels, RowsDocument& document)
      : labels_(std::move(labels)), document_(document) {}
  absl::Status OnColumns(
      const std::vector<query::ResultColumn>& columns) override {
    places_ = document_.AddColumns(columns);
    return absl::OkStatus();
  }
  absl::Status OnRow(const std::vector<query::ResultValue>& row) override {
    Json values = Json::array();
    for (const query::ResultValue& value : row) {
      values.push_back(query::ToJson(value));
    }
    document_.AddRow(labels_, places_, values);
    return absl::OkStatus();
  }

 private:
  const std::vector<Cell> labels_;
  RowsDocument& document_;
  std::vector<size_t> places_;
};

}  // namespace

RowsView::RowsView(const FollowedJob& job, RowsViewOptions options, Sinks sinks)
    : job_(job),
      options_(std::move(options)),
      series_(options_.series == nullptr ? RowsSeries() : *options_.series),
      labels_(LabelsOf(series_, options_.format, !options_.merge.empty())),
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
    callbacks.on_row = [&](const Json& row) {
      WriteLine(task, RowAction::kNone, answers_[task].columns(), row);
    };
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
  if (all_bytes_ + KeptBytes(series_) > kMaxBytes) {
    // What is compared, or merged, is kept in any format.
    const bool may_stream = series_.changes == nullptr &&
                            options_.merge.empty() && !options_.gather;
    return ResourceExhausted(
        "the rows take more than {}; ask for fewer{}", FormatSize(kMaxBytes),
        may_stream ? ", or show them as they come with -o jsonl" : "");
  }
  if (!options_.gather) {
    return streams() ? absl::OkStatus() : WriteDocument();
  }
  WriteGroups();
  return absl::OkStatus();
}

void RowsView::WriteLine(size_t task, RowAction action,
                         const std::vector<query::ResultColumn>& columns,
                         const Json& row) {
  Json values = Json::object();
  for (size_t i = 0; i < columns.size(); ++i) {
    values[columns[i].name] = row[i];
  }
  Json line = Json::object();
  std::vector<Cell> cells =
      LabelCells(series_, labels_, job_.tasks()[task].name, action);
  for (size_t i = 0; i < labels_.size(); ++i) {
    line[std::string(labels_[i].key)] = std::move(cells[i].value);
  }
  line["row"] = std::move(values);
  sinks_.output += ToLine(Versioned(line)) + "\n";
}

void RowsView::AddRows(size_t task, RowAction action,
                       const std::vector<query::ResultColumn>& columns,
                       const std::vector<Json>& rows, RowsDocument& document) {
  const std::vector<size_t> places = document.AddColumns(columns);
  for (const Json& row : rows) {
    if (options_.format == OutputFormat::kJsonl) {
      WriteLine(task, action, columns, row);
      continue;
    }
    document.AddRow(
        LabelCells(series_, labels_, job_.tasks()[task].name, action), places,
        row);
  }
}

bool RowsView::CanBeCompared(size_t task) {
  const FollowedTask& followed = job_.tasks()[task];
  // The end of the job names those that did not complete.
  if (followed.status.attempt().state() != v1::TASK_STATE_COMPLETED) {
    return false;
  }
  if (answers_[task].whole()) return true;
  sinks_.error += RemarkLine(
      followed.name,
      "its answer is not all here; its next one is compared with the one "
      "before",
      options_.lines.color_error);
  return false;
}

void RowsView::AddChanges(size_t task, RowsDocument& document) {
  if (!CanBeCompared(task)) return;
  const QueryRows& answer = answers_[task];
  const RowChanges::Difference difference =
      series_.changes->Update(job_.tasks()[task].name, answer);
  AddRows(task, RowAction::kRemoved, difference.removed_columns,
          difference.removed, document);
  AddRows(task, RowAction::kAdded, answer.columns(), difference.added,
          document);
}

void RowsView::WriteRows(RowsDocument& document) {
  for (size_t task = 0; task < answers_.size(); ++task) {
    if (series_.changes != nullptr) {
      AddChanges(task, document);
    } else {
      AddRows(task, RowAction::kNone, answers_[task].columns(),
              answers_[task].rows(), document);
    }
  }
}

absl::Status RowsView::WriteDocument() {
  RowsDocument own(options_.format, labels_);
  RowsDocument& document =
      series_.document == nullptr ? own : *series_.document;
  if (options_.merge.empty()) {
    WriteRows(document);
  } else {
    TUTTI_RETURN_IF_ERROR(Merge(document));
  }
  if (series_.document != nullptr) return absl::OkStatus();
  const std::string text = document.Format(options_.color, options_.width);
  const std::string heading = HeadingOf(series_, options_.format);
  // Where nothing changed nothing is said.
  if (text.empty() && series_.changes != nullptr) return absl::OkStatus();
  sinks_.output += heading;
  sinks_.output += text.empty() && !heading.empty() ? kNoRows : text;
  return absl::OkStatus();
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
  sinks_.output += HeadingOf(series_, options_.format);
  std::stable_sort(
      groups.begin(), groups.end(),
      [](const auto& a, const auto& b) { return a.size() > b.size(); });
  for (const std::vector<size_t>& tasks : groups) {
    std::vector<std::string> names;
    names.reserve(tasks.size());
    for (const size_t task : tasks) names.push_back(job_.tasks()[task].name);
    const QueryRows& answer = answers_[tasks[0]];
    RowsDocument document(options_.format, {});
    const std::vector<size_t> places = document.AddColumns(answer.columns());
    for (const Json& row : answer.rows()) document.AddRow({}, places, row);
    sinks_.output +=
        fmt::format("{}{}\n{}", kAnswerRule, FoldNames(names), kAnswerRule);
    sinks_.output += answer.rows().empty()
                         ? kNoRows
                         : document.Format(options_.color, options_.width);
  }
}

absl::Status RowsView::Merge(RowsDocument& document) {
  ColumnUnion columns({kTarget});
  std::vector<std::vector<size_t>> places;
  places.reserve(answers_.size());
  for (const QueryRows& answer : answers_) {
    places.push_back(columns.Add(answer.columns()));
  }
  std::vector<query::ResultColumn> table = columns.columns();
  table.insert(table.begin(), {std::string(kTarget), "TEXT"});
  std::vector<std::vector<query::ResultValue>> rows;
  for (size_t task = 0; task < answers_.size(); ++task) {
    for (const Json& values : answers_[task].rows()) {
      std::vector<query::ResultValue>& row = rows.emplace_back(table.size());
      row[0] = job_.tasks()[task].name;
      for (size_t i = 0; i < places[task].size(); ++i) {
        row[places[task][i] + 1] = query::FromJson(values[i]);
      }
    }
  }
  TUTTI_ASSIGN_OR_RETURN(const auto database,
                         query::Database::Open({}, {}, ""));
  TUTTI_RETURN_IF_ERROR(database->AddRows(kMergedTable, table, rows));
  MergedRows merged(LabelCells(series_, labels_, "", RowAction::kNone),
                    document);
  absl::Status ran = database->Run(options_.merge, merged);
  return ran.ok() ? ran : WithPrefix("--merge", ran);
}

}  // namespace tutti::cli
