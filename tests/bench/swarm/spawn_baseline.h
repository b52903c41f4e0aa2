// What this machine needs for starting processes at all.
#ifndef TESTS_BENCH_SWARM_SPAWN_BASELINE_H_
#define TESTS_BENCH_SWARM_SPAWN_BASELINE_H_

#include "absl/time/time.h"

namespace tutti::bench {

// Starts and reaps `count` times /bin/true with pipes for standard output and
// error, read to their ends, two at a time, by posix_spawn(3) alone: the floor
// under any job system on this machine.
absl::Duration MeasureSpawnBaseline(int count);

}  // namespace tutti::bench

#endif  // TESTS_BENCH_SWARM_SPAWN_BASELINE_H_
