// What changes in the rows of a query that is asked again and again.
#ifndef CONTROLLER_CLI_FOLLOW_ROW_CHANGES_H_
#define CONTROLLER_CLI_FOLLOW_ROW_CHANGES_H_

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "controller/cli/follow/query_rows.h"
#include "controller/cli/output.h"
#include "query/engine/database.h"

namespace tutti::cli {

// Remembers the rows that each target gave last; order does not matter, how
// often a row is there does. Not thread-safe.
class RowChanges {
 public:
  struct Difference {
    std::vector<query::ResultColumn> removed_columns;
    std::vector<Json> removed;
    // Of the columns of the answer.
    std::vector<Json> added;
  };

  // `answer` is all that `target` gives now. Of a target that gave nothing
  // before everything is added.
  Difference Update(const std::string& target, const QueryRows& answer);

  // What the rows that are remembered take.
  uint64_t bytes() const { return bytes_; }

 private:
  struct Answer {
    std::vector<query::ResultColumn> columns;
    // As JSON, with how often each is there.
    std::map<std::string, uint64_t> rows;
  };

  std::unordered_map<std::string, Answer> answers_;
  uint64_t bytes_ = 0;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_ROW_CHANGES_H_
