// A table of what a host is, evaluated when it is asked.
#ifndef QUERY_ENGINE_TABLE_H_
#define QUERY_ENGINE_TABLE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"

namespace tutti::query {

// NULL, a number, or text or bytes.
using Value = std::variant<std::monostate, int64_t, double, std::string>;

// As osquery names them.
enum class ColumnType : uint8_t {
  kText,
  kInteger,
  kBigInt,
  kUnsignedBigInt,
  kDouble,
};
// "TEXT", "BIGINT", ...
std::string_view NameOf(ColumnType type);

// How text is compared; declared for versions, so that a plain comparison is
// right.
enum class Collation : uint8_t { kBinary, kDpkgVersion, kRpmVersion };

// What a condition on a column is good for.
enum class Pushdown : uint8_t {
  // SQLite alone looks at it.
  kNone,
  // It makes the table cheaper.
  kUsed,
  // The table needs one on this column, or on another one that says so.
  kNeeded,
};

struct Column {
  std::string_view name;
  ColumnType type = ColumnType::kText;
  std::string_view description;
  Pushdown pushdown = Pushdown::kNone;
  Collation collation = Collation::kBinary;
};

// What the query asks of a table. Valid during the call that it is given to.
class TableRequest {
 public:
  enum class Operator : uint8_t { kEqual, kLike, kGlob };
  struct Condition {
    std::string_view column;
    Operator comparison = Operator::kEqual;
    Value value;
  };

  // `root` stands before every path ("": the host's own files).
  TableRequest(std::string root, std::vector<Condition> conditions,
               std::vector<std::string_view> used_columns)
      : root_(std::move(root)),
        conditions_(std::move(conditions)),
        used_columns_(std::move(used_columns)) {}

  // All of them have to hold. Only those on columns with a pushdown.
  const std::vector<Condition>& conditions() const { return conditions_; }
  // The value that `column` has to have, as text; absent: any.
  std::optional<std::string> EqualTo(std::string_view column) const;
  // The same as a whole number; absent also where it is none.
  std::optional<int64_t> EqualToNumber(std::string_view column) const;
  // Whether the query looks at it. A value that costs much may be left NULL
  // otherwise.
  bool Uses(std::string_view column) const;

  // "/etc/passwd" below the root.
  std::string Path(std::string_view absolute) const;

 private:
  std::string root_;
  std::vector<Condition> conditions_;
  std::vector<std::string_view> used_columns_;
};

class Row {
 public:
  explicit Row(const std::vector<Column>& columns)
      : columns_(columns), values_(columns.size()) {}

  // The column is one of the table's; what is not set is NULL.
  void Set(std::string_view column, std::string_view text) {
    ValueOf(column) = std::string(text);
  }
  template <typename Number>
  requires std::is_arithmetic_v<Number>
  void Set(std::string_view column, Number number) {
    if constexpr (std::is_integral_v<Number>) {
      ValueOf(column) = static_cast<int64_t>(number);
    } else {
      ValueOf(column) = static_cast<double>(number);
    }
  }
  // Absent: NULL.
  template <typename T>
  void Set(std::string_view column, const std::optional<T>& value) {
    if (value.has_value()) Set(column, *value);
  }

  const std::vector<Value>& values() const { return values_; }
  Value& ValueOf(std::string_view column);

 private:
  const std::vector<Column>& columns_;
  std::vector<Value> values_;
};

// Collects the rows of one evaluation.
class Rows {
 public:
  explicit Rows(const std::vector<Column>& columns) : columns_(columns) {}

  // Of the same table, without rows.
  Rows Empty() const { return Rows(columns_); }

  // Valid until the next call.
  Row& Add() { return rows_.emplace_back(columns_); }
  // Puts those of `others`, which has the same columns, behind its own.
  void Append(Rows others) {
    rows_.reserve(rows_.size() + others.rows_.size());
    for (Row& row : others.rows_) rows_.push_back(std::move(row));
  }
  size_t size() const { return rows_.size(); }
  Row& operator[](size_t index) { return rows_[index]; }
  const Row& operator[](size_t index) const { return rows_[index]; }

 private:
  const std::vector<Column>& columns_;
  std::vector<Row> rows_;
};

// A value; the views are of literals.
struct Table {
  std::string_view name;
  std::string_view description;
  std::vector<Column> columns;
  // Adds at least the rows that fulfil the request: SQLite looks at every
  // condition once more. What a host does not have gives no rows; what can not
  // be read is an error.
  absl::Status (*generate)(const TableRequest& request, Rows& rows) = nullptr;
};

}  // namespace tutti::query

#endif  // QUERY_ENGINE_TABLE_H_
