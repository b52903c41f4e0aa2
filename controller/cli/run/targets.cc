#include "controller/cli/run/targets.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <random>
#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/targets/local_target.h"
#include "common/targets/node_set.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/run/share.h"
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

absl::StatusOr<std::optional<Portion>> ParsePortion(const RunOptions& options) {
  if (options.pick.empty() && options.first.empty()) return std::nullopt;
  if (!options.pick.empty() && !options.first.empty()) {
    return InvalidArgument(
        "--pick and --first contradict each other; give one");
  }
  Portion portion;
  portion.random = !options.pick.empty();
  const std::string& text = portion.random ? options.pick : options.first;
  if (!ParseWhole(text, portion.count) || portion.count == 0) {
    return InvalidArgument(
        "--{}: '{}' is no number of targets; write 1 or more",
        portion.random ? "pick" : "first", text);
  }
  return portion;
}

// Whether `ok` was said.
absl::StatusOr<bool> ParseIfEmpty(const std::string& text) {
  if (text == "ok" || text == "fail") return text == "ok";
  return InvalidArgument("--if-empty: '{}' is neither ok nor fail; give one",
                         text);
}

}  // namespace

Match WantedTargets::Selects(const std::string& name) const {
  const Match match = expression.Matches(name);
  if (!exclusion.has_value()) return match;
  return std::min(match, Not(exclusion->Matches(name)));
}

std::string WantedTargets::Description() const {
  std::string description;
  if (portion.has_value()) {
    description = portion->random
                      ? fmt::format("{} at random of ", portion->count)
                      : fmt::format("the first {} of ", portion->count);
  }
  description += text;
  if (!exclusion_text.empty()) description += " without " + exclusion_text;
  return description;
}

absl::StatusOr<WantedTargets> ParseTargets(
    const RunOptions& options,
    const std::optional<ParameterTable>& parameters) {
  std::vector<std::string> targets = options.targets;
  for (const std::string& path : options.target_files) {
    TUTTI_ASSIGN_OR_RETURN(std::vector<std::string> lines,
                           ReadTargetFile(path));
    std::move(lines.begin(), lines.end(), std::back_inserter(targets));
  }
  if (options.local) targets.emplace_back(kLocalTarget);
  if (targets.empty() && parameters.has_value()) {
    targets.push_back(FoldNames(parameters->Targets()));
  }
  WantedTargets wanted;
  wanted.text = Unite(targets);
  TUTTI_ASSIGN_OR_RETURN(wanted.portion, ParsePortion(options));
  TUTTI_ASSIGN_OR_RETURN(wanted.may_be_empty, ParseIfEmpty(options.if_empty));
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
  std::vector<std::string> names;
  if (!answer.targets().empty()) {
    TUTTI_ASSIGN_OR_RETURN(names, ExpandNames(answer.targets()));
  } else if (!wanted.may_be_empty) {
    return InvalidArgument(
        "no target is left of '{}'; look at `tutti agent list`",
        wanted.Description());
  }
  const bool local = IsLocalTarget(wanted.expression);
  for (const std::string& name : names) {
    if (wanted.Selects(name) == Match::kNo ||
        (name == kLocalTarget && !local)) {
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

void KeepPortion(const Portion& portion, std::vector<std::string>& names,
                 v1::ResolveTargetsResponse& answer) {
  if (names.size() <= portion.count) return;
  if (portion.random) {
    std::vector<std::string> picked;
    std::sample(names.begin(), names.end(), std::back_inserter(picked),
                portion.count, std::mt19937_64(std::random_device()()));
    names = std::move(picked);
  } else {
    names.resize(portion.count);
  }
  answer.set_targets(FoldNames(names));
  answer.set_count(names.size());
  google::protobuf::RepeatedPtrField<v1::OfflineTargets> offline;
  for (v1::OfflineTargets& group : *answer.mutable_offline()) {
    std::vector<std::string> kept;
    for (std::string& name :
         ExpandNames(group.targets()).value_or(std::vector<std::string>())) {
      if (std::binary_search(names.begin(), names.end(), name)) {
        kept.push_back(std::move(name));
      }
    }
    if (kept.empty()) continue;
    group.set_targets(FoldNames(kept));
    group.set_count(kept.size());
    *offline.Add() = std::move(group);
  }
  *answer.mutable_offline() = std::move(offline);
}

}  // namespace tutti::cli
