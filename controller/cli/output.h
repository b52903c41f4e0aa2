// What lists and shows write: tables for people, JSON and CSV for programs.
#ifndef CONTROLLER_CLI_OUTPUT_H_
#define CONTROLLER_CLI_OUTPUT_H_

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/cli/terminal.h"

namespace tutti::cli {

// Keeps the order in which keys were added.
using Json = nlohmann::ordered_json;

enum class OutputFormat { kTable, kWide, kJson, kJsonl, kCsv, kNames };

// "table", "wide", ...; INVALID_ARGUMENT with the nearest name otherwise.
absl::StatusOr<OutputFormat> ParseOutputFormat(std::string_view text);
// Errors are JSON too.
bool IsJson(OutputFormat format);

// Bytes as JSON: a string when they are UTF-8, otherwise {"base64": "..."}.
Json BytesToJson(std::string_view bytes);
// One line without its newline. Never fails: strings that are not UTF-8 have
// the bad bytes replaced (use BytesToJson where they matter).
std::string ToLine(const Json& json);
// Versioned, on one line (jsonl) or several (json), with the last newline.
std::string FormatJson(const Json& object, OutputFormat format);
// An object with "v": 1 before its own members.
Json Versioned(const Json& object);
// An error as JSON, one line: {"v":1,"error":{"code":...,"message":...,
// "exit_status":...}}.
std::string ErrorToJson(const absl::Status& error);

// For people: "3 d ago", "in 2 h", "now", "never". For programs: RFC 3339 in
// UTC with milliseconds; null for an absent time.
std::string AgoText(absl::Time time, absl::Time now);
Json TimeToJson(absl::Time time);

struct Column {
  enum class Shown {
    kAlways,
    // In `wide` as well as for programs.
    kWide,
    // For programs only.
    kData,
  };
  // Of the table; upper case.
  std::string_view title;
  // Of JSON and CSV; lower case with underscores.
  std::string_view key;
  Shown shown = Shown::kAlways;
  bool right = false;
};

struct Cell {
  // For people; sanitised by the table. Empty is shown as "-".
  std::string text;
  // For programs.
  Json value;
  Style style = Style::kNone;

  // The same for both.
  static Cell Text(std::string_view text, Style style = Style::kNone);
  static Cell Number(uint64_t number);
  // Empty for absl::InfinitePast.
  static Cell Time(absl::Time time, absl::Time now);
};

// A list of things of one kind, in every format.
class Listing {
 public:
  // `kind` is the key of the list in JSON ("jobs"). The column `name_key` is
  // what the format `names` prints.
  Listing(std::string kind, std::string_view name_key,
          std::vector<Column> columns);

  // As many cells as columns.
  void Add(std::vector<Cell> row);
  bool empty() const { return rows_.empty(); }

  // Ready to be written, with its last newline; empty for an empty table.
  // `width` is that of the terminal (0: not a terminal, nothing is cut).
  std::string Format(OutputFormat format, bool color, int width) const;

 private:
  // A column of the table, its texts harmless for a terminal.
  struct ShownColumn {
    size_t index = 0;
    int width = 0;
    std::vector<std::string> texts;
  };
  std::vector<ShownColumn> ShownColumns(bool wide) const;
  std::string FormatTable(bool wide, bool color, int width) const;
  std::string FormatCsv() const;
  std::string FormatNames() const;
  Json RowToJson(const std::vector<Cell>& row) const;

  std::string kind_;
  std::string_view name_key_;
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

// One thing of a kind, for a show.
struct Record {
  // Key of the thing in JSON ("agent").
  std::string kind;
  // What the format `names` prints.
  std::string name;
  // For programs: an object.
  Json data;
  // For people.
  std::string text;
};

// Ready to be written. JSON has it under its kind, as {"v":1,"agent":{...}};
// a line of JSONL is the same as in a list, as {"v":1,"name":...}.
std::string FormatRecord(const Record& record, OutputFormat format);

// "KEY    value" lines of a show, aligned, for people.
class Card {
 public:
  explicit Card(bool color) : color_(color) {}
  // Left out when `value` is empty. Sanitised; several lines are indented.
  void Add(std::string_view key, std::string_view value,
           Style style = Style::kNone);
  std::string Format() const;

 private:
  struct Line {
    std::string key;
    std::string value;
    Style style;
  };
  bool color_;
  std::vector<Line> lines_;
};

// One field by RFC 4180.
std::string CsvField(std::string_view text);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_OUTPUT_H_
