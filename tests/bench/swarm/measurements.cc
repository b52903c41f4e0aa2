#include "tests/bench/swarm/measurements.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/errors.h"

namespace tutti::bench {

double Milliseconds(absl::Duration duration) {
  return absl::ToDoubleMilliseconds(duration);
}

double Mebibytes(uint64_t bytes) {
  return static_cast<double>(bytes) / (1 << 20);
}

std::string Spread(std::vector<double> values, int decimals) {
  std::sort(values.begin(), values.end());
  return fmt::format("median {:.{}f}  (fastest {:.{}f}, slowest {:.{}f}, n={})",
                     values[values.size() / 2], decimals, values.front(),
                     decimals, values.back(), decimals, values.size());
}

absl::Status CheckRun(const CommandResult& result) {
  if (result.status == 0) return absl::OkStatus();
  return Internal("the CLI ended with {}: {}", result.status, result.error);
}

}  // namespace tutti::bench
