// A comparison for people and for programs.
#ifndef CONTROLLER_CLI_COMPARE_COMPARISON_TEXT_H_
#define CONTROLLER_CLI_COMPARE_COMPARISON_TEXT_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "controller/cli/compare/comparison.h"
#include "controller/cli/follow/task_groups.h"
#include "controller/cli/output.h"

namespace tutti::cli {

// What was compared, and what came of it; borrowed.
struct ComparedJobs {
  const JobOutput& first;
  // Null where the targets of `first` were compared with each other.
  const JobOutput* second;
  const Comparison& comparison;
};

// Targets that have not run, and so could not be compared, with the reason.
std::vector<TaskGroup> NotRun(const JobOutput& job, absl::Time now);

struct ComparisonStyle {
  bool color = false;
  // Control sequences are shown, not obeyed.
  bool harmless = false;
};
// How many said the same, each difference as diff -u writes it, and who could
// not be compared:
//   38 of 39 targets said the same: web[01-38]
//   --- web[01-38]
//   +++ web39
//   @@ -1,1 +1,1 @@
std::string FormatComparison(const ComparedJobs& compared,
                             const ComparisonStyle& style, absl::Time now);
// docs/cli.md has its members.
Json ComparisonToJson(const ComparedJobs& compared, absl::Time now);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_COMPARE_COMPARISON_TEXT_H_
