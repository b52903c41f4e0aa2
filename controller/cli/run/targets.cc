#include "controller/cli/run/targets.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/targets/node_set.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/target_file.h"

namespace tutti::cli {
namespace {

absl::Status NotAsAsked(std::string_view what) {
  return WithExitStatus(
      PermissionDenied("the controller's answer is not what was asked for: {}; "
                       "nothing was started, have the controller looked at",
                       what),
      kExitUnreachable);
}

}  // namespace

Match WantedTargets::Selects(const std::string& name) const {
  const Match match = expression.Matches(name);
  if (!exclusion.has_value()) return match;
  return std::min(match, Not(exclusion->Matches(name)));
}

std::string WantedTargets::Description() const {
  if (exclusion_text.empty()) return text;
  return fmt::format("{} without {}", text, exclusion_text);
}

absl::StatusOr<WantedTargets> ParseTargets(const RunOptions& options) {
  std::vector<std::string> targets = options.targets;
  for (const std::string& path : options.target_files) {
    TUTTI_ASSIGN_OR_RETURN(std::vector<std::string> lines,
                           ReadTargetFile(path));
    std::move(lines.begin(), lines.end(), std::back_inserter(targets));
  }
  WantedTargets wanted;
  wanted.text = Unite(targets);
  TUTTI_ASSIGN_OR_RETURN(wanted.expression,
                         TargetExpression::ParseUnited(targets));
  if (options.exclusions.empty()) return wanted;
  wanted.exclusion_text = Unite(options.exclusions);
  TUTTI_ASSIGN_OR_RETURN(wanted.exclusion,
                         TargetExpression::ParseUnited(options.exclusions));
  return wanted;
}

absl::StatusOr<std::vector<std::string>> CheckAnswer(
    const WantedTargets& wanted, const v1::ResolveTargetsResponse& answer) {
  if (answer.targets().empty()) {
    return InvalidArgument(
        "no target is left of '{}'; look at `tutti agent list`",
        wanted.Description());
  }
  TUTTI_ASSIGN_OR_RETURN(std::vector<std::string> names,
                         ExpandNames(answer.targets()));
  for (const std::string& name : names) {
    if (wanted.Selects(name) == Match::kNo) {
      return NotAsAsked(fmt::format("{} was added", name));
    }
  }
  std::vector<std::string> unknown;
  if (!answer.unknown().empty()) {
    TUTTI_ASSIGN_OR_RETURN(unknown, ExpandNames(answer.unknown()));
  }
  for (const std::string& name : wanted.expression.LeftOut(names)) {
    const bool is_unknown =
        std::binary_search(unknown.begin(), unknown.end(), name);
    if (!is_unknown && wanted.Selects(name) == Match::kYes) {
      return NotAsAsked(fmt::format("{} was left out", name));
    }
  }
  return names;
}

}  // namespace tutti::cli
