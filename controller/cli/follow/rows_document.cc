#include "controller/cli/follow/rows_document.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "common/base/ascii.h"
#include "controller/cli/terminal.h"

namespace tutti::cli {
namespace {

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

// What a value takes beside itself.
uint64_t BytesOf(const Json& value) {
  if (value.is_string()) return value.get_ref<const std::string&>().size();
  if (!value.is_structured()) return 0;
  uint64_t bytes = 0;
  for (const auto& [key, member] : value.items()) {
    bytes += sizeof(Json) + BytesOf(member);
    if (value.is_object()) bytes += sizeof(std::string) + key.size();
  }
  return bytes;
}

uint64_t BytesOf(const std::vector<Cell>& row) {
  uint64_t bytes = 0;
  for (const Cell& cell : row) {
    bytes += sizeof(Cell) + cell.text.size() + BytesOf(cell.value);
  }
  return bytes;
}

std::vector<std::string_view> KeysOf(const std::vector<Column>& columns) {
  std::vector<std::string_view> keys;
  keys.reserve(columns.size());
  for (const Column& column : columns) keys.push_back(column.key);
  return keys;
}

}  // namespace

Cell CellOf(const Json& value) {
  if (value.is_null()) return {"", nullptr, Style::kNone};
  return {OneLine(value.is_string() ? value.get<std::string>() : ToLine(value)),
          value, Style::kNone};
}

RowsDocument::RowsDocument(OutputFormat format, std::vector<Column> labels)
    : format_(format), labels_(std::move(labels)), columns_(KeysOf(labels_)) {}

void RowsDocument::AddRow(std::vector<Cell> labels,
                          const std::vector<size_t>& places, const Json& row) {
  if (format_ == OutputFormat::kJson) {
    Json object = Json::object();
    for (size_t i = 0; i < labels.size(); ++i) {
      object[std::string(labels_[i].key)] = std::move(labels[i].value);
    }
    for (size_t i = 0; i < places.size(); ++i) {
      object[columns_.columns()[places[i]].name] = row[i];
    }
    bytes_ += sizeof(Json) + BytesOf(object);
    objects_.push_back(std::move(object));
    return;
  }
  const size_t before = labels.size();
  labels.resize(before + columns_.columns().size());
  for (size_t i = 0; i < places.size(); ++i) {
    labels[before + places[i]] = CellOf(row[i]);
  }
  bytes_ += sizeof(std::vector<Cell>) + BytesOf(labels);
  rows_.push_back(std::move(labels));
}

std::string RowsDocument::Format(bool color, int width) const {
  if (format_ == OutputFormat::kJson) {
    return FormatJson({{"rows", objects_}}, format_);
  }
  return FormatRows(rows_, color, width);
}

std::string RowsDocument::Header() const {
  return FormatRows({}, /*color=*/false, /*width=*/0);
}

void RowsDocument::Clear() {
  objects_ = Json::array();
  rows_.clear();
  bytes_ = 0;
}

std::string RowsDocument::FormatRows(const std::vector<std::vector<Cell>>& rows,
                                     bool color, int width) const {
  std::vector<Column> columns = labels_;
  // What the columns borrow; does not move what is in it.
  std::deque<std::string> titles;
  for (const query::ResultColumn& column : columns_.columns()) {
    columns.push_back(
        {titles.emplace_back(Sanitize(OneLine(Upper(column.name)))),
         column.name, Column::Shown::kAlways, IsNumeric(column.type)});
  }
  Listing listing("rows", columns.empty() ? "" : columns.front().key, columns);
  for (std::vector<Cell> row : rows) {
    row.resize(columns.size());
    listing.Add(std::move(row));
  }
  return listing.Format(format_, color, width);
}

}  // namespace tutti::cli
