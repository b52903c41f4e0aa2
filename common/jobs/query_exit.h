// How tutti-query says what became of a query.
#ifndef COMMON_JOBS_QUERY_EXIT_H_
#define COMMON_JOBS_QUERY_EXIT_H_

namespace tutti {

// Its exit status when the query gave at least one row; none: 0. The runner
// reports both as 0 and keeps the difference apart, as a condition. No shell
// and no signal gives this number.
inline constexpr int kExitYielded = 100;

}  // namespace tutti

#endif  // COMMON_JOBS_QUERY_EXIT_H_
