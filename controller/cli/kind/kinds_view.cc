#include "controller/cli/kind/kinds_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "common/base/status_macros.h"
#include "common/text/json_text.h"

namespace tutti::cli {
namespace {

constexpr const char* kColumns[] = {
    "name", "version", "description", "program", "parameters", "path", "error"};

// By column; what is NULL, or no text, is empty.
using KindRow = std::map<std::string, std::string>;

KindRow RowOf(const std::vector<query::ResultColumn>& columns,
              const Json& values) {
  KindRow row;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (values[i].is_string()) row[columns[i].name] = values[i];
  }
  return row;
}

TargetKind KindOf(KindRow row) {
  TargetKind kind;
  kind.manifest.name = std::move(row["name"]);
  kind.manifest.version = std::move(row["version"]);
  kind.manifest.description = std::move(row["description"]);
  kind.manifest.program = std::move(row["program"]);
  kind.manifest.parameters =
      ParametersFromJson(ParseJson(row["parameters"]).value_or(Json()));
  kind.path = std::move(row["path"]);
  kind.error = std::move(row["error"]);
  return kind;
}

}  // namespace

std::string KindsQuery(const std::string& name) {
  return fmt::format("SELECT {} FROM tutti_kinds{} ORDER BY name",
                     fmt::join(kColumns, ", "),
                     name.empty() ? "" : " WHERE name = '" + name + "'");
}

void KindsView::OnOutput(size_t task, const OutputPiece& piece) {
  if (piece.stream != v1::OUTPUT_STREAM_STDOUT || piece.content == nullptr) {
    if (piece.content == nullptr) answers_[task].Skip();
    return lines_.OnOutput(task, piece);
  }
  QueryRows::Callbacks callbacks;
  callbacks.on_mistake = [&](std::string_view line) {
    sinks_.error += RemarkLine(
        job_.tasks()[task].name,
        fmt::format("this is no row of the answer: {}", line.substr(0, 200)),
        /*color=*/false);
  };
  answers_[task].Append(*piece.content, callbacks);
}

void KindsView::OnAttempt(size_t task) {
  answers_[task] = {};
  lines_.OnAttempt(task);
}

absl::Status KindsView::Finish(int exit_status) {
  TUTTI_RETURN_IF_ERROR(lines_.Finish(exit_status));
  return on_kinds_(Kinds(), sinks_.output);
}

std::vector<TargetKind> KindsView::Kinds() const {
  std::map<KindRow, std::vector<std::string>> targets;
  for (size_t task = 0; task < answers_.size(); ++task) {
    for (const Json& row : answers_[task].rows()) {
      targets[RowOf(answers_[task].columns(), row)].push_back(
          job_.tasks()[task].name);
    }
  }
  std::vector<TargetKind> kinds;
  kinds.reserve(targets.size());
  for (auto& [row, names] : targets) {
    kinds.push_back(KindOf(row));
    kinds.back().targets = std::move(names);
  }
  std::stable_sort(kinds.begin(), kinds.end(),
                   [](const TargetKind& a, const TargetKind& b) {
                     if (a.manifest.name != b.manifest.name) {
                       return a.manifest.name < b.manifest.name;
                     }
                     return a.targets.size() > b.targets.size();
                   });
  return kinds;
}

}  // namespace tutti::cli
