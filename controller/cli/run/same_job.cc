#include "controller/cli/run/same_job.h"

#include <algorithm>
#include <string>
#include <vector>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
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

absl::Status CheckSameParameters(const RunPlan& plan,
                                 const v1::GetJobResponse& existing) {
  ParameterList wanted;
  if (plan.parameters.has_value()) {
    TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                           ExpandNames(existing.job().targets()));
    TUTTI_ASSIGN_OR_RETURN(wanted, plan.parameters->Select(names));
  }
  const bool same = std::equal(
      wanted.begin(), wanted.end(), existing.parameters().begin(),
      existing.parameters().end(),
      [](const v1::JobParameters& a, const v1::JobParameters& b) {
        return a.target() == b.target() && a.parameters() == b.parameters();
      });
  if (same) return absl::OkStatus();
  return FailedPrecondition(
      "--id: job {} has this UUID but other parameters of its targets; make a "
      "new UUID, or give the same with --per-target",
      existing.job().number());
}

}  // namespace tutti::cli
