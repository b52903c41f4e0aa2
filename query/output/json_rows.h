// Rows as lines of JSON.
#ifndef QUERY_OUTPUT_JSON_ROWS_H_
#define QUERY_OUTPUT_JSON_ROWS_H_

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "query/engine/database.h"

namespace tutti::query {

// Writes {"columns":["name",...],"types":["TEXT",...]} and then each row as an
// array of its values: null, number, string, or {"base64":"..."} for bytes and
// for text that is not UTF-8. What is no finite number is null. Buffers; Finish
// writes the rest. Not thread-safe.
class JsonRows : public ResultSink {
 public:
  // `descriptor` is borrowed. A row that makes it more than `limit` bytes is
  // refused with RESOURCE_EXHAUSTED; those before it are written.
  explicit JsonRows(int descriptor,
                    uint64_t limit = std::numeric_limits<uint64_t>::max())
      : descriptor_(descriptor), limit_(limit) {}

  absl::Status OnColumns(const std::vector<ResultColumn>& columns) override;
  absl::Status OnRow(const std::vector<ResultValue>& row) override;
  absl::Status Finish();
  // Rows that came.
  uint64_t count() const { return count_; }

 private:
  absl::Status Add(const std::string& line);

  const int descriptor_;
  const uint64_t limit_;
  uint64_t count_ = 0;
  uint64_t bytes_ = 0;
  std::string buffer_;
};

}  // namespace tutti::query

#endif  // QUERY_OUTPUT_JSON_ROWS_H_
