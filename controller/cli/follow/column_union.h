// The columns of several answers side by side.
#ifndef CONTROLLER_CLI_FOLLOW_COLUMN_UNION_H_
#define CONTROLLER_CLI_FOLLOW_COLUMN_UNION_H_

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "query/engine/database.h"

namespace tutti::cli {

// Targets of another version may have other columns, and other queries have.
// Columns are one when they are called the same but for their letters. Not
// thread-safe.
class ColumnUnion {
 public:
  // `taken` stand before them: a column that is called so gets a number
  // ("time:2").
  explicit ColumnUnion(const std::vector<std::string_view>& taken);

  // Where each of `own` stands among columns().
  std::vector<size_t> Add(const std::vector<query::ResultColumn>& own);
  // In the order in which they came first.
  const std::vector<query::ResultColumn>& columns() const { return columns_; }

 private:
  // In lower case.
  std::set<std::string> taken_;
  std::map<std::string, size_t> places_;
  std::vector<query::ResultColumn> columns_;
};

// Columns of which no two, and none and `taken`, are called the same but for
// their letters: all but the first get a number ("name:2").
std::vector<query::ResultColumn> WithDistinctNames(
    std::vector<query::ResultColumn> columns, std::set<std::string> taken);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_COLUMN_UNION_H_
