// How figures of a benchmark are said.
#ifndef TESTS_BENCH_SPREAD_H_
#define TESTS_BENCH_SPREAD_H_

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

namespace tutti::bench {

inline double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Fastest, median and slowest: the noise of the machine is part of a figure.
inline std::string Spread(std::vector<double> values, int decimals = 1) {
  std::sort(values.begin(), values.end());
  return fmt::format("median {:.{}f}  (fastest {:.{}f}, slowest {:.{}f}, n={})",
                     Median(values), decimals, values.front(), decimals,
                     values.back(), decimals, values.size());
}

}  // namespace tutti::bench

#endif  // TESTS_BENCH_SPREAD_H_
