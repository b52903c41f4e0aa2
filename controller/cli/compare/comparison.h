// Which targets said something else than others, or than before.
#ifndef CONTROLLER_CLI_COMPARE_COMPARISON_H_
#define CONTROLLER_CLI_COMPARE_COMPARISON_H_

#include <compare>
#include <string>
#include <vector>

#include "controller/cli/compare/job_output.h"
#include "controller/cli/compare/unified_diff.h"

namespace tutti::cli {

struct StreamDiff {
  // Index of kStreams.
  size_t stream = 0;
  UnifiedDiff diff;

  friend auto operator<=>(const StreamDiff&, const StreamDiff&) = default;
};

// Targets for which the same is different.
struct DifferentTargets {
  std::vector<std::string> targets;
  // By stream; at least one.
  std::vector<StreamDiff> diffs;
};

// Lists of names are sorted bytewise. Targets that have not run are in none.
struct Comparison {
  // Of one job: the largest group of targets that said the same, the first by
  // name of several; against it the others are compared. Of two jobs: the
  // targets that said the same in both.
  std::vector<std::string> same;
  // In order of their first targets.
  std::vector<DifferentTargets> different;
  // Of two jobs: targets that only the one has.
  std::vector<std::string> only_first;
  std::vector<std::string> only_second;

  bool IsEqual() const {
    return different.empty() && only_first.empty() && only_second.empty();
  }
};

// The targets of a job with each other. An unfinished last line counts as
// finished.
Comparison CompareTargets(const JobOutput& job);

// Two jobs, target by target.
Comparison CompareJobs(const JobOutput& first, const JobOutput& second);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_COMPARE_COMPARISON_H_
