#include "tests/bench/swarm/measurements.h"

#include "common/base/errors.h"

namespace tutti::bench {

double Milliseconds(absl::Duration duration) {
  return absl::ToDoubleMilliseconds(duration);
}

double Mebibytes(uint64_t bytes) {
  return static_cast<double>(bytes) / (1 << 20);
}

absl::Status CheckRun(const CommandResult& result) {
  if (result.status == 0) return absl::OkStatus();
  return Internal("the CLI ended with {}: {}", result.status, result.error);
}

}  // namespace tutti::bench
