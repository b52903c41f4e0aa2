#include "controller/cli/run/same_job.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/errors.h"
#include "common/targets/node_set.h"
#include "common/text/shell_quote.h"
#include "controller/cli/run/card.h"
#include "controller/cli/run/job_spec.h"

namespace tutti::cli {
namespace {

// At the end of a summary that the controller cut.
constexpr std::string_view kEllipsis = "…";

// Whether `text` is how a beginning of `argument` is quoted. Which beginning
// is for the controller to choose, and the quotes depend on what is in it.
bool IsBeginningOf(std::string_view text, std::string_view argument) {
  // Quoting never makes a text shorter.
  const size_t longest = std::min(text.size(), argument.size());
  for (size_t length = longest; length > 0; --length) {
    if (ShellQuote(argument.substr(0, length)) == text) return true;
  }
  return false;
}

// Whether `summary` (Job.summary) is that of an argv, as far as it goes.
bool IsSummaryOf(std::string_view summary, const RunPlan& plan) {
  if (summary == CommandText(plan)) return true;
  if (!summary.ends_with(kEllipsis)) return false;
  summary.remove_suffix(kEllipsis.size());
  for (const std::string& argument : plan.arguments) {
    // Cut between two arguments.
    if (summary.empty()) return true;
    const std::string word = ShellQuote(argument) + " ";
    if (!summary.starts_with(word)) return IsBeginningOf(summary, argument);
    summary.remove_prefix(word.size());
  }
  return false;
}

// Whether frozen targets are what the expressions mean: an expression that is
// too long for the job is not kept in it.
bool AreMeant(const std::string& folded, const WantedTargets& wanted,
              bool skip_unknown) {
  const absl::StatusOr<std::vector<std::string>> names = ExpandNames(folded);
  if (!names.ok()) return false;
  const auto is_excluded = [&wanted](const std::string& name) {
    return wanted.exclusion && wanted.exclusion->Matches(name);
  };
  for (const std::string& name : *names) {
    if (!wanted.expression.Matches(name) || is_excluded(name)) return false;
  }
  const std::vector<std::string> missing =
      wanted.expression.Select(*names).unknown;
  return skip_unknown ||
         std::all_of(missing.begin(), missing.end(), is_excluded);
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
  if (existing.kind() == "command" && existing.name() == options.name &&
      existing.user() == plan.user && IsSummaryOf(existing.summary(), plan) &&
      HasTargets(existing, wanted, options.skip_unknown)) {
    return absl::OkStatus();
  }
  return FailedPrecondition(
      "--id: job {} has this UUID but is another one ({} on {}{}{}); make a "
      "new UUID, or give the same command",
      existing.number(), existing.summary(), existing.target_expression(),
      existing.user().empty() ? "" : " as " + existing.user(),
      existing.name().empty() ? "" : ", named " + existing.name());
}

}  // namespace tutti::cli
