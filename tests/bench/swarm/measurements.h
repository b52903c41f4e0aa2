// What the scenarios print.
#ifndef TESTS_BENCH_SWARM_MEASUREMENTS_H_
#define TESTS_BENCH_SWARM_MEASUREMENTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tests/bench/swarm/bench_fleet.h"

namespace tutti::bench {

double Milliseconds(absl::Duration duration);
double Mebibytes(uint64_t bytes);

// Fastest, median and slowest: the noise of the machine is part of a figure.
std::string Spread(std::vector<double> values, int decimals = 1);

// An error that has the CLI's own when it did not end with 0.
absl::Status CheckRun(const CommandResult& result);

}  // namespace tutti::bench

#endif  // TESTS_BENCH_SWARM_MEASUREMENTS_H_
