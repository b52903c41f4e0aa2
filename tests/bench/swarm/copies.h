// One large file on its way to many targets.
#ifndef TESTS_BENCH_SWARM_COPIES_H_
#define TESTS_BENCH_SWARM_COPIES_H_

#include <cstdint>

#include "absl/status/status.h"
#include "tests/bench/swarm/bench_fleet.h"

namespace tutti::bench {

// `tutti copy` of a file of `size` bytes, half of which zstd makes small, to so
// many real targets, each of which has a folder of its own; a new file each
// time. Prints how long it took, what CLI and controller needed for it, and the
// most that any process had in memory. FAILED_PRECONDITION unless root runs it
// and the disk has the room.
absl::Status MeasureCopies(BenchFleet& fleet, int targets, uint64_t size,
                           int runs);

}  // namespace tutti::bench

#endif  // TESTS_BENCH_SWARM_COPIES_H_
