#include "controller/cli/follow/query_rows.h"

#include <utility>

#include "controller/cli/follow/column_union.h"
#include "query/output/json_value.h"

namespace tutti::cli {
namespace {

// SQLite's own limit (SQLITE_MAX_COLUMN).
constexpr size_t kMaxColumns = 2000;
constexpr size_t kMaxLineBytes = 16 << 20;

bool AreStrings(const Json& list) {
  if (!list.is_array()) return false;
  for (const Json& entry : list) {
    if (!entry.is_string()) return false;
  }
  return true;
}

}  // namespace

std::vector<query::ResultColumn> WithDistinctNames(
    std::vector<query::ResultColumn> columns) {
  return WithDistinctNames(std::move(columns), {"target"});
}

void QueryRows::Append(std::string_view text, const Callbacks& callbacks) {
  for (size_t end = text.find('\n'); end != text.npos; end = text.find('\n')) {
    unfinished_ += text.substr(0, end);
    text.remove_prefix(end + 1);
    const std::string line = std::exchange(unfinished_, {});
    if (!std::exchange(too_long_, false)) TakeLine(line, callbacks);
  }
  if (too_long_) return;
  unfinished_ += text;
  if (unfinished_.size() <= kMaxLineBytes) return;
  Refuse(unfinished_, callbacks);
  unfinished_.clear();
  too_long_ = true;
}

void QueryRows::TakeLine(std::string_view line, const Callbacks& callbacks) {
  Json value = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (columns_.empty()) {
    if (!TakeColumns(value)) Refuse(line, callbacks);
    return;
  }
  bool good = value.is_array() && value.size() == columns_.size();
  for (size_t i = 0; good && i < value.size(); ++i) {
    good = query::IsJsonValue(value[i]);
  }
  if (!good) return Refuse(line, callbacks);
  if (callbacks.on_row) return callbacks.on_row(value);
  rows_.push_back(std::move(value));
}

void QueryRows::Refuse(std::string_view line, const Callbacks& callbacks) {
  lacking_ = true;
  callbacks.on_mistake(line);
}

bool QueryRows::TakeColumns(const Json& header) {
  if (!header.is_object() || !header.contains("columns") ||
      !header.contains("types")) {
    return false;
  }
  const Json& names = header["columns"];
  const Json& types = header["types"];
  if (!AreStrings(names) || !AreStrings(types) ||
      names.size() != types.size() || names.empty() ||
      names.size() > kMaxColumns) {
    return false;
  }
  for (size_t i = 0; i < names.size(); ++i) {
    columns_.push_back({names[i], types[i]});
  }
  columns_ = WithDistinctNames(std::move(columns_));
  return true;
}

}  // namespace tutti::cli
