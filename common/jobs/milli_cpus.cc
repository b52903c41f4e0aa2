#include "common/jobs/milli_cpus.h"

#include <charconv>
#include <cmath>
#include <system_error>

#include "common/base/errors.h"

namespace tutti {
namespace {

// Enough for every host.
constexpr double kMostCpus = 1'000'000;

}  // namespace

absl::StatusOr<uint64_t> ParseMilliCpus(std::string_view text) {
  double cpus = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), cpus);
  if (error != std::errc() || end != text.data() + text.size() ||
      !(cpus >= 0.01) || cpus > kMostCpus) {
    return InvalidArgument(
        "'{}' is no number of processors from 0.01 on; write it like 0.5 or 2",
        text);
  }
  return static_cast<uint64_t>(std::llround(cpus * 1000));
}

}  // namespace tutti
