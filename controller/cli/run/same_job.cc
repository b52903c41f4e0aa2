#include "controller/cli/run/same_job.h"

#include <algorithm>
#include <string>
#include <vector>

#include "common/base/errors.h"
#include "common/signing/work_digest.h"
#include "common/targets/node_set.h"
#include "controller/cli/run/job_spec.h"

namespace tutti::cli {
namespace {

// Whether frozen targets are what the expressions mean: an expression that is
// too long for the job is not kept in it.
bool AreMeant(const std::string& folded, const WantedTargets& wanted,
              bool skip_unknown) {
  const absl::StatusOr<std::vector<std::string>> names = ExpandNames(folded);
  if (!names.ok()) return false;
  const auto may_be_meant = [&wanted](const std::string& name) {
    return wanted.Selects(name) != Match::kNo;
  };
  const auto must_be_there = [&wanted](const std::string& name) {
    return wanted.Selects(name) == Match::kYes;
  };
  if (wanted.portion.has_value()) {
    return names->size() <= wanted.portion->count &&
           std::all_of(names->begin(), names->end(), may_be_meant);
  }
  const std::vector<std::string> missing = wanted.expression.LeftOut(*names);
  return std::all_of(names->begin(), names->end(), may_be_meant) &&
         (skip_unknown ||
          std::none_of(missing.begin(), missing.end(), must_be_there));
}

bool HasTargets(const v1::Job& existing, const WantedTargets& wanted,
                bool skip_unknown) {
  const std::string expression = wanted.Description();
  if (expression.size() <= kLongestExpression) {
    return existing.target_expression() == expression;
  }
  return AreMeant(existing.targets(), wanted, skip_unknown);
}

}  // namespace

absl::Status CheckSameJob(const RunOptions& options, const RunPlan& plan,
                          const WantedTargets& wanted,
                          const v1::Job& existing) {
  if (existing.name() == options.name &&
      existing.work_digest() == WorkDigest(plan.work) &&
      HasTargets(existing, wanted, options.skip_unknown)) {
    return absl::OkStatus();
  }
  return FailedPrecondition(
      "--id: job {} has this UUID but is another one ({} on {}{}{}; its "
      "environment, folder and limits count too); make a new UUID, or give "
      "the same command",
      existing.number(), existing.summary(), existing.target_expression(),
      existing.user().empty() ? "" : " as " + existing.user(),
      existing.name().empty() ? "" : ", named " + existing.name());
}

}  // namespace tutti::cli
