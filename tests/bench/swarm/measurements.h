// What the scenarios print.
#ifndef TESTS_BENCH_SWARM_MEASUREMENTS_H_
#define TESTS_BENCH_SWARM_MEASUREMENTS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tests/bench/spread.h"
#include "tests/bench/swarm/bench_fleet.h"

namespace tutti::bench {

double Milliseconds(absl::Duration duration);
double Mebibytes(uint64_t bytes);

// An error that has the CLI's own when it did not end with 0.
absl::Status CheckRun(const CommandResult& result);

}  // namespace tutti::bench

#endif  // TESTS_BENCH_SWARM_MEASUREMENTS_H_
