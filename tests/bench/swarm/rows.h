// How fast the rows of a query come together.
#ifndef TESTS_BENCH_SWARM_ROWS_H_
#define TESTS_BENCH_SWARM_ROWS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tests/bench/swarm/bench_fleet.h"

namespace tutti::bench {

// So many different answers of 50 rows, of one length.
std::vector<std::string> MakeRowTexts(int count);

// A query to all simulated agents of `fleet`, which are connected and answer
// so, from its start until its rows are shown, in every way in which they can
// be, `runs` times each. Prints what each took.
absl::Status MeasureRows(const BenchFleet& fleet, int runs);

}  // namespace tutti::bench

#endif  // TESTS_BENCH_SWARM_ROWS_H_
