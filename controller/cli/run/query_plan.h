// What `query` is to ask, looked at before anything starts.
#ifndef CONTROLLER_CLI_RUN_QUERY_PLAN_H_
#define CONTROLLER_CLI_RUN_QUERY_PLAN_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/cli/command.h"
#include "controller/cli/run/options.h"

namespace tutti::cli {

// As they stand on the command line.
struct QueryOptions {
  RunOptions run;
  std::string sql;
  std::string file;
  std::string pack;
  bool skip_unknown_queries = false;
  std::optional<absl::Duration> every;
  bool changes = false;
  // `sql` names one of them, or is empty.
  bool tables = false;

  // Several jobs are started, one after another.
  bool is_series() const { return !pack.empty() || every.has_value(); }
};

// A query as the jobs that ask it.
struct PlannedQuery {
  // Of a pack, "PACK/QUERY"; empty: there is only one.
  std::string label;
  // Of its jobs; empty: they have none.
  std::string job_name;
  RunPlan plan;
};

// At least one, in the order in which they are to be asked. As far as it can be
// said here: a target may be of another version. INVALID_ARGUMENT: options
// contradict each other, or queries are wrong; where several of a pack are,
// each is said before it.
absl::StatusOr<std::vector<PlannedQuery>> PlanQueries(
    const QueryOptions& options, const Context& context);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_QUERY_PLAN_H_
