// Queries that are asked one after another: those of a pack, or one again and
// again.
#ifndef CONTROLLER_CLI_RUN_QUERY_SERIES_H_
#define CONTROLLER_CLI_RUN_QUERY_SERIES_H_

#include <vector>

#include "absl/status/statusor.h"
#include "controller/cli/command.h"
#include "controller/cli/run/query_plan.h"

namespace tutti::cli {

// Each is a job of its own, started when the one before it is over (with -d at
// once), on the same targets; with --every again and again until a signal comes
// or nobody reads. Gives the exit status: the worst of its jobs, or with
// --every of the jobs of the last time.
absl::StatusOr<int> AskQueries(const QueryOptions& options,
                               std::vector<PlannedQuery> queries,
                               Context& context);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_QUERY_SERIES_H_
