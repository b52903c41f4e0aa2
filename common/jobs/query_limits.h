// What one query may use up on a target.
#ifndef COMMON_JOBS_QUERY_LIMITS_H_
#define COMMON_JOBS_QUERY_LIMITS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace tutti {

struct QueryLimits {
  // Processor time, to whole seconds.
  absl::Duration cpu = absl::Seconds(30);
  // Bytes.
  uint64_t memory = uint64_t{256} << 20;
  // Bytes of rows, as they are written.
  uint64_t rows = uint64_t{100} << 20;
};

// With less no query can be answered.
inline constexpr absl::Duration kLeastQueryCpu = absl::Seconds(1);
inline constexpr uint64_t kLeastQueryMemory = 16 << 20;
inline constexpr uint64_t kLeastQueryRows = 1 << 10;

// How long tutti-query looks for the answer to a condition (--exists): whoever
// waits for it does not start a job meanwhile.
inline constexpr absl::Duration kLongestCondition = absl::Minutes(1);

// As flags of tutti-query: "--cpu-limit=30", ...
std::vector<std::string> QueryLimitFlags(const QueryLimits& limits);
// Takes such a flag. NOT_FOUND: it is none of them; INVALID_ARGUMENT: its value
// is wrong.
absl::Status SetQueryLimit(std::string_view flag, QueryLimits& limits);

}  // namespace tutti

#endif  // COMMON_JOBS_QUERY_LIMITS_H_
