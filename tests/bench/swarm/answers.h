// How fast the CLI answers about a large job.
#ifndef TESTS_BENCH_SWARM_ANSWERS_H_
#define TESTS_BENCH_SWARM_ANSWERS_H_

#include "absl/status/status.h"
#include "tests/bench/swarm/bench_fleet.h"

namespace tutti::bench {

// A job on all simulated agents of `fleet`, which are connected and say one of
// several things each; then every verb that shows something of it, `runs`
// times. Prints what each took.
absl::Status MeasureAnswers(const BenchFleet& fleet, int runs);

}  // namespace tutti::bench

#endif  // TESTS_BENCH_SWARM_ANSWERS_H_
