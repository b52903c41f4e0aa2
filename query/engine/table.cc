#include "query/engine/table.h"

#include <algorithm>
#include <cstdlib>

#include "common/text/whole_number.h"

namespace tutti::query {

std::string_view NameOf(ColumnType type) {
  switch (type) {
    case ColumnType::kText:
      return "TEXT";
    case ColumnType::kInteger:
      return "INTEGER";
    case ColumnType::kBigInt:
      return "BIGINT";
    case ColumnType::kUnsignedBigInt:
      return "UNSIGNED_BIGINT";
    case ColumnType::kDouble:
      return "DOUBLE";
  }
  return "";
}

std::optional<std::string> TableRequest::EqualTo(
    std::string_view column) const {
  for (const Condition& condition : conditions_) {
    if (condition.column != column ||
        condition.comparison != Operator::kEqual) {
      continue;
    }
    if (const auto* text = std::get_if<std::string>(&condition.value)) {
      return *text;
    }
    if (const auto* number = std::get_if<int64_t>(&condition.value)) {
      return std::to_string(*number);
    }
  }
  return std::nullopt;
}

std::optional<int64_t> TableRequest::EqualToNumber(
    std::string_view column) const {
  const std::optional<std::string> text = EqualTo(column);
  if (!text.has_value()) return std::nullopt;
  int64_t number = 0;
  if (!ParseWhole(*text, number)) return std::nullopt;
  return number;
}

bool TableRequest::Uses(std::string_view column) const {
  return std::find(used_columns_.begin(), used_columns_.end(), column) !=
         used_columns_.end();
}

std::string TableRequest::Path(std::string_view absolute) const {
  return root_ + std::string(absolute);
}

Value& Row::ValueOf(std::string_view column) {
  const auto found =
      std::find_if(columns_.begin(), columns_.end(),
                   [&](const Column& one) { return one.name == column; });
  // A table that names a column it does not have is no table.
  if (found == columns_.end()) std::abort();
  return values_[static_cast<size_t>(found - columns_.begin())];
}

}  // namespace tutti::query
