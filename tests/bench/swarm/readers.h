// Many readers of one job, one of which does not read.
#ifndef TESTS_BENCH_SWARM_READERS_H_
#define TESTS_BENCH_SWARM_READERS_H_

#include "absl/status/status.h"
#include "tests/bench/swarm/bench_fleet.h"

namespace tutti::bench {

// 100 MB from one real target: first read by nobody, then by ten followers
// while another one takes nothing. Prints how long the job and its readers took
// and what the controller's memory grew to, for each of `runs`.
absl::Status MeasureReaders(BenchFleet& fleet, int runs);

}  // namespace tutti::bench

#endif  // TESTS_BENCH_SWARM_READERS_H_
