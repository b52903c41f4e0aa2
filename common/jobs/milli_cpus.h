// Shares of processors, in thousandths of one.
#ifndef COMMON_JOBS_MILLI_CPUS_H_
#define COMMON_JOBS_MILLI_CPUS_H_

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"

namespace tutti {

// 500 for "0.5". INVALID_ARGUMENT for what is no number of processors.
absl::StatusOr<uint64_t> ParseMilliCpus(std::string_view text);

}  // namespace tutti

#endif  // COMMON_JOBS_MILLI_CPUS_H_
