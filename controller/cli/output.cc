#include "controller/cli/output.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "absl/strings/escaping.h"
#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/text/utf8.h"
#include "controller/cli/exit_status.h"

namespace tutti::cli {
namespace {

struct FormatName {
  std::string_view name;
  OutputFormat format;
};

constexpr FormatName kFormats[] = {
    {"table", OutputFormat::kTable}, {"wide", OutputFormat::kWide},
    {"json", OutputFormat::kJson},   {"jsonl", OutputFormat::kJsonl},
    {"csv", OutputFormat::kCsv},     {"names", OutputFormat::kNames},
};

constexpr std::string_view kGap = "  ";
// What the last column keeps at least when a table is cut to the terminal.
constexpr int kSmallestColumn = 12;

// A JSON value as a field: strings as they are, lists and objects as JSON.
std::string FieldText(const Json& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return value.get<std::string>();
  return ToLine(value);
}

void PadTo(int width, int used, std::string& line) {
  line.append(std::max(0, width - used), ' ');
}

std::string Indented(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

// {"v":1,KIND:DATA} on several lines. Ten thousand tasks are worth no copy more
// than needed.
std::string FormatUnder(const std::string& kind, Json data) {
  Json object = Versioned(Json::object());
  object[kind] = std::move(data);
  return Indented(object);
}

}  // namespace

absl::StatusOr<OutputFormat> ParseOutputFormat(std::string_view text) {
  std::vector<std::string_view> names;
  for (const FormatName& format : kFormats) {
    if (format.name == text) return format.format;
    names.push_back(format.name);
  }
  return InvalidArgument("unknown format '{}'; use one of {}", text,
                         fmt::join(names, ", "));
}

bool IsJson(OutputFormat format) {
  return format == OutputFormat::kJson || format == OutputFormat::kJsonl;
}

Json BytesToJson(std::string_view bytes) {
  if (IsUtf8(bytes)) return std::string(bytes);
  return Json{{"base64", absl::Base64Escape({bytes.data(), bytes.size()})}};
}

std::string ToLine(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json Versioned(const Json& object) {
  Json result = {{"v", 1}};
  result.update(object);
  return result;
}

std::string FormatJson(const Json& object, OutputFormat format) {
  if (format == OutputFormat::kJsonl) return ToLine(Versioned(object)) + "\n";
  return Indented(Versioned(object));
}

std::string ErrorToJson(const absl::Status& error) {
  const Json description = {
      {"code", absl::StatusCodeToString(error.code())},
      {"message", std::string(TextOf(error))},
      {"exit_status", ExitStatusOf(error)},
  };
  return ToLine(Versioned({{"error", description}})) + "\n";
}

std::string AgoText(absl::Time time, absl::Time now) {
  if (time == absl::InfinitePast()) return "never";
  const absl::Duration age = now - time;
  if (age < absl::Seconds(1) && age > -absl::Seconds(1)) return "now";
  return age > absl::ZeroDuration() ? RoundDuration(age) + " ago"
                                    : "in " + RoundDuration(-age);
}

Json TimeToJson(absl::Time time) {
  if (time == absl::InfinitePast() || time == absl::InfiniteFuture()) {
    return nullptr;
  }
  return absl::FormatTime("%Y-%m-%d%ET%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

Cell Cell::Text(std::string_view text, Style style) {
  return {std::string(text), BytesToJson(text), style};
}

Cell Cell::Number(uint64_t number) {
  return {fmt::format("{}", number), number, Style::kNone};
}

Cell Cell::Time(absl::Time time, absl::Time now) {
  return {time == absl::InfinitePast() ? "" : AgoText(time, now),
          TimeToJson(time), Style::kNone};
}

Listing::Listing(std::string kind, std::string_view name_key,
                 std::vector<Column> columns)
    : kind_(std::move(kind)),
      name_key_(name_key),
      columns_(std::move(columns)) {}

void Listing::Add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }

std::string Listing::Format(OutputFormat format, bool color, int width) const {
  switch (format) {
    case OutputFormat::kTable:
      return FormatTable(/*wide=*/false, color, width);
    case OutputFormat::kWide:
      return FormatTable(/*wide=*/true, color, /*width=*/0);
    case OutputFormat::kJson: {
      Json list = Json::array();
      for (const auto& row : rows_) list.push_back(RowToJson(row));
      return FormatUnder(kind_, std::move(list));
    }
    case OutputFormat::kJsonl: {
      std::string lines;
      for (const auto& row : rows_) {
        lines += ToLine(Versioned(RowToJson(row))) + "\n";
      }
      return lines;
    }
    case OutputFormat::kCsv:
      return FormatCsv();
    case OutputFormat::kNames:
      return FormatNames();
  }
  return "";
}

Json Listing::RowToJson(const std::vector<Cell>& row) const {
  Json object = Json::object();
  for (size_t i = 0; i < columns_.size(); ++i) {
    object[std::string(columns_[i].key)] = row[i].value;
  }
  return object;
}

std::vector<Listing::ShownColumn> Listing::ShownColumns(bool wide) const {
  std::vector<ShownColumn> shown;
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].shown == Column::Shown::kData) continue;
    if (columns_[i].shown == Column::Shown::kWide && !wide) continue;
    ShownColumn& column = shown.emplace_back();
    column.index = i;
    column.width = DisplayWidth(columns_[i].title);
    for (const auto& row : rows_) {
      const std::string& text = row[i].text;
      // Sanitised first, since that changes the width.
      column.texts.push_back(text.empty() ? "-" : Sanitize(text));
      column.width = std::max(column.width, DisplayWidth(column.texts.back()));
    }
  }
  return shown;
}

std::string Listing::FormatTable(bool wide, bool color, int width) const {
  if (rows_.empty()) return "";
  std::vector<ShownColumn> shown = ShownColumns(wide);
  int total = static_cast<int>(kGap.size() * (shown.size() - 1));
  for (const ShownColumn& column : shown) total += column.width;
  if (width > 0 && total > width) {
    int& last = shown.back().width;
    last = std::max(std::min(last, kSmallestColumn), last - (total - width));
  }

  std::string result;
  const auto add_line = [&](const auto& text_of, const auto& style_of) {
    for (size_t i = 0; i < shown.size(); ++i) {
      const std::string text = Shorten(text_of(shown[i]), shown[i].width);
      const bool right = columns_[shown[i].index].right;
      const int used = DisplayWidth(text);
      if (i > 0) result += kGap;
      if (right) PadTo(shown[i].width, used, result);
      result += Paint(text, style_of(shown[i]), color);
      // No blanks at the end of a line.
      if (!right && i + 1 < shown.size()) PadTo(shown[i].width, used, result);
    }
    result += '\n';
  };
  add_line(
      [&](const ShownColumn& column) { return columns_[column.index].title; },
      [](const ShownColumn&) { return Style::kBold; });
  for (size_t row = 0; row < rows_.size(); ++row) {
    add_line(
        [&](const ShownColumn& column) {
          return std::string_view(column.texts[row]);
        },
        [&](const ShownColumn& column) {
          return rows_[row][column.index].style;
        });
  }
  return result;
}

std::string Listing::FormatCsv() const {
  std::string result;
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (i > 0) result += ',';
    result += CsvField(columns_[i].key);
  }
  result += "\r\n";
  for (const auto& row : rows_) {
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) result += ',';
      result += CsvField(FieldText(row[i].value));
    }
    result += "\r\n";
  }
  return result;
}

std::string Listing::FormatNames() const {
  size_t index = 0;
  while (index + 1 < columns_.size() && columns_[index].key != name_key_) {
    ++index;
  }
  std::string result;
  for (const auto& row : rows_) result += FieldText(row[index].value) + "\n";
  return result;
}

std::string FormatRecord(const Record& record, OutputFormat format) {
  switch (format) {
    case OutputFormat::kTable:
    case OutputFormat::kWide:
      return record.text;
    case OutputFormat::kJson:
      return FormatUnder(record.kind, record.data);
    case OutputFormat::kJsonl:
      return FormatJson(record.data, format);
    case OutputFormat::kCsv: {
      std::string keys;
      std::string values;
      for (const auto& [key, value] : record.data.items()) {
        const char* comma = keys.empty() ? "" : ",";
        keys += comma + key;
        values += comma + CsvField(FieldText(value));
      }
      return keys + "\r\n" + values + "\r\n";
    }
    case OutputFormat::kNames:
      return record.name + "\n";
  }
  return "";
}

void Card::Add(std::string_view key, std::string_view value, Style style) {
  if (value.empty()) return;
  lines_.push_back({std::string(key), Sanitize(value), style});
}

std::string Card::Format() const {
  int width = 0;
  for (const Line& line : lines_) {
    width = std::max(width, DisplayWidth(line.key));
  }
  std::string result;
  for (const Line& line : lines_) {
    std::string_view rest = line.value;
    std::string_view key = line.key;
    while (true) {
      const size_t end = rest.find('\n');
      result += Paint(key, Style::kDim, color_);
      PadTo(width, DisplayWidth(key), result);
      result += kGap;
      result += Paint(rest.substr(0, end), line.style, color_);
      result += '\n';
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
      key = "";
    }
  }
  return result;
}

std::string CsvField(std::string_view text) {
  if (text.find_first_of("\",\r\n") == std::string_view::npos) {
    return std::string(text);
  }
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"') result += '"';
    result += c;
  }
  return result + '"';
}

}  // namespace tutti::cli
