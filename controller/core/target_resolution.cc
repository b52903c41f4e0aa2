#include "controller/core/target_resolution.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "common/base/closest.h"
#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/targets/node_set.h"
#include "common/targets/target_expression.h"

namespace tutti::controller {
namespace {

// Offline targets whose last contact lies within this time, or within a tenth
// of how long it is ago, are shown as one group.
constexpr absl::Duration kSameTime = absl::Minutes(1);

absl::StatusOr<TargetExpression::Selection> Select(
    const AgentRegistry& registry, const Expressions& expressions) {
  if (expressions.empty()) return TargetExpression::Selection();
  // As one, so that its bounds are those of all of them.
  TUTTI_ASSIGN_OR_RETURN(
      const TargetExpression expression,
      TargetExpression::ParseUnited({expressions.begin(), expressions.end()}));
  TargetExpression::Selection selection =
      expression.Select(registry.names(), registry.attributes());
  SortUnique(selection.unmatched);
  return selection;
}

// The refusal of names and wildcards that nobody has.
absl::Status CheckKnown(const AgentRegistry& registry,
                        const TargetExpression::Selection& selection,
                        std::string_view remedy) {
  if (!selection.unknown.empty()) {
    std::string meant;
    if (selection.unknown.size() == 1) {
      const auto closest = Closest(selection.unknown[0], registry.names());
      if (closest.has_value()) {
        meant = fmt::format(" (did you mean {}?)", *closest);
      }
    }
    return InvalidArgument("no agent is called {}{}; {}",
                           FoldNames(selection.unknown), meant, remedy);
  }
  if (!selection.unmatched.empty()) {
    return InvalidArgument("no agent's name matches '{}'; {}",
                           selection.unmatched[0], remedy);
  }
  return absl::OkStatus();
}

void AddOfflineGroups(const AgentRegistry& registry,
                      const std::vector<std::string>& names,
                      v1::ResolveTargetsResponse& response) {
  std::vector<std::pair<absl::Time, std::string>> offline;
  absl::Time newest = absl::InfinitePast();
  for (const std::string& name : names) {
    const AgentEntry& entry = *registry.Find(name);
    if (entry.session != 0) continue;
    offline.emplace_back(ToTime(entry.stored.last_seen()), name);
    newest = std::max(newest, offline.back().first);
  }
  std::sort(offline.begin(), offline.end(),
            [](const auto& a, const auto& b) { return b.first < a.first; });
  for (size_t begin = 0; begin < offline.size();) {
    const absl::Time seen = offline[begin].first;
    const absl::Duration same = std::max(kSameTime, (newest - seen) / 10);
    std::vector<std::string> group;
    size_t end = begin;
    // Never seen is infinitely far from any other time, and equal to itself.
    while (end < offline.size() &&
           (offline[end].first == seen || seen - offline[end].first <= same)) {
      group.push_back(std::move(offline[end++].second));
    }
    v1::OfflineTargets& targets = *response.add_offline();
    targets.set_targets(FoldNames(group));
    targets.set_count(group.size());
    if (seen != absl::InfinitePast()) {
      *targets.mutable_last_seen() = tutti::ToProto(seen);
    }
    begin = end;
  }
}

}  // namespace

// Of labels that no agent has: a slip would select nobody, or everybody.
absl::Status CheckAttributes(const AgentRegistry& registry,
                             const TargetExpression::Selection& selection) {
  if (selection.unknown_attributes.empty()) return absl::OkStatus();
  const std::string& name = selection.unknown_attributes[0];
  const auto closest = Closest(name, registry.attributes().Names());
  return InvalidArgument(
      "no target has a label or fact '{}'{}; tutti agent show NAME shows "
      "those of one",
      name,
      closest.has_value() ? fmt::format(" (did you mean {}?)", *closest) : "");
}

absl::StatusOr<std::vector<std::string>> SelectAgents(
    const AgentRegistry& registry, const Expressions& expressions) {
  TUTTI_ASSIGN_OR_RETURN(TargetExpression::Selection selection,
                         Select(registry, expressions));
  TUTTI_RETURN_IF_ERROR(CheckAttributes(registry, selection));
  TUTTI_RETURN_IF_ERROR(
      CheckKnown(registry, selection, "see `tutti agent list`"));
  return std::move(selection.names);
}

absl::StatusOr<std::vector<uint32_t>> SelectTasks(
    const AgentRegistry& registry, const Job& job,
    const Expressions& expressions) {
  std::vector<uint32_t> tasks;
  if (expressions.empty()) {
    tasks.resize(job.size());
    std::iota(tasks.begin(), tasks.end(), 0);
    return tasks;
  }
  TUTTI_ASSIGN_OR_RETURN(
      const TargetExpression expression,
      TargetExpression::ParseUnited({expressions.begin(), expressions.end()}));
  const TargetExpression::Selection selection =
      expression.Select(job.targets(), registry.attributes());
  TUTTI_RETURN_IF_ERROR(CheckAttributes(registry, selection));
  if (!selection.unknown.empty() || selection.names.empty()) {
    return InvalidArgument(
        "job {} has no target {}; it ran on {}, look at `tutti job show {}`",
        job.number(),
        selection.unknown.empty() ? Unite({expressions.begin(),
                                           expressions.end()})
                                  : FoldNames(selection.unknown),
        job.first_request().folded_targets, job.number());
  }
  for (const std::string& name : selection.names) {
    tasks.push_back(*job.IndexOf(name));
  }
  return tasks;
}

absl::StatusOr<v1::ResolveTargetsResponse> ResolveTargetExpressions(
    const AgentRegistry& registry, const CoreSettings& settings,
    const v1::ResolveTargetsRequest& request) {
  if (request.expressions_size() == 0) {
    return InvalidArgument("no targets were given; use -t");
  }
  TUTTI_ASSIGN_OR_RETURN(const TargetExpression::Selection selection,
                         Select(registry, request.expressions()));
  TUTTI_ASSIGN_OR_RETURN(const TargetExpression::Selection excluded,
                         Select(registry, request.exclusions()));
  TUTTI_RETURN_IF_ERROR(CheckAttributes(registry, selection));
  TUTTI_RETURN_IF_ERROR(CheckAttributes(registry, excluded));
  if (!request.skip_unknown()) {
    constexpr std::string_view kRemedy =
        "see `tutti agent list`, or give --skip-unknown";
    TUTTI_RETURN_IF_ERROR(CheckKnown(registry, selection, kRemedy));
    // A host that was to be spared must not be hit because of a slip.
    const absl::Status known = CheckKnown(registry, excluded, kRemedy);
    if (!known.ok()) return WithPrefix("--exclude", known);
  }
  std::vector<std::string> names;
  std::set_difference(selection.names.begin(), selection.names.end(),
                      excluded.names.begin(), excluded.names.end(),
                      std::back_inserter(names));
  if (names.empty()) {
    return InvalidArgument(
        "no targets are left; see `tutti agent list` for who is there");
  }
  v1::ResolveTargetsResponse response;
  response.set_targets(FoldNames(names));
  response.set_count(names.size());
  std::vector<std::string> unknown = selection.unknown;
  unknown.insert(unknown.end(), excluded.unknown.begin(),
                 excluded.unknown.end());
  SortUnique(unknown);
  response.set_unknown(FoldNames(unknown));
  AddOfflineGroups(registry, names, response);
  *response.mutable_offline_grace() = tutti::ToProto(settings.offline_grace);
  response.set_default_fanout(settings.default_fanout);
  return response;
}

}  // namespace tutti::controller
