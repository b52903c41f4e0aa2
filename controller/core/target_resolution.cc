#include "controller/core/target_resolution.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/targets/local_target.h"
#include "common/targets/node_set.h"
#include "common/targets/target_expression.h"
#include "controller/core/references.h"
#include "controller/core/selection_rules.h"

namespace tutti::controller {
namespace {

// Offline targets whose last contact lies within this time, or within a tenth
// of how long it is ago, are shown as one group.
constexpr absl::Duration kSameTime = absl::Minutes(1);

// As one, so that its bounds are those of all of them. Of none: one that
// selects nobody.
absl::StatusOr<TargetExpression> ParseAll(const Expressions& expressions) {
  if (expressions.empty()) return TargetExpression();
  return TargetExpression::ParseUnited(
      {expressions.begin(), expressions.end()});
}

absl::StatusOr<TargetSelection> Select(const AgentRegistry& registry,
                                       const TargetExpression& expression,
                                       References& references) {
  return expression.Select(registry.names(), registry.attributes(), references);
}

// What references stand for among those who are known, whoever else they name.
class KnownOnly final : public ReferenceSource {
 public:
  explicit KnownOnly(References& references) : references_(references) {}
  absl::StatusOr<TargetSelection> Resolve(
      const TargetReference& reference) override {
    TUTTI_ASSIGN_OR_RETURN(TargetSelection selection,
                           references_.Resolve(reference));
    selection.unknown.clear();
    return selection;
  }

 private:
  References& references_;
};

// Whether it is for the controller's own host, and that can be.
absl::StatusOr<bool> WantsLocalHost(const CoreState& state,
                                    const TargetExpression& expression,
                                    const v1::ResolveTargetsRequest& request) {
  if (!IsLocalTarget(expression)) return false;
  if (request.exclusions_size() > 0) {
    return InvalidArgument(
        "--exclude: nothing can be left out of '{}', the controller's own "
        "host; leave -x out",
        kLocalTarget);
  }
  TUTTI_RETURN_IF_ERROR(CheckLocalHost(state.registry));
  return true;
}

// The expression without the exclusions.
absl::StatusOr<TargetSelection> SelectRequested(
    const AgentRegistry& registry, const TargetExpression& expression,
    const v1::ResolveTargetsRequest& request, const SelectionRules& rules,
    References& references) {
  TUTTI_ASSIGN_OR_RETURN(TargetSelection selection,
                         Select(registry, expression, references));
  TUTTI_ASSIGN_OR_RETURN(const TargetExpression exclusions,
                         ParseAll(request.exclusions()));
  TUTTI_ASSIGN_OR_RETURN(const TargetSelection excluded,
                         Select(registry, exclusions, references));
  TUTTI_RETURN_IF_ERROR(CheckSelection(registry, selection, rules));
  // A host that was to be spared must not be hit because of a slip.
  const absl::Status checked = CheckSelection(registry, excluded, rules);
  if (!checked.ok()) return WithPrefix("--exclude", checked);
  std::vector<std::string> names;
  std::set_difference(selection.names.begin(), selection.names.end(),
                      excluded.names.begin(), excluded.names.end(),
                      std::back_inserter(names));
  selection.names = std::move(names);
  selection.unknown.insert(selection.unknown.end(), excluded.unknown.begin(),
                           excluded.unknown.end());
  SortUnique(selection.unknown);
  return selection;
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

absl::StatusOr<std::vector<std::string>> SelectKnown(
    CoreState& state, std::string_view operator_name,
    const TargetExpression& expression) {
  const SelectionRules rules;
  References references(state, operator_name, rules);
  TUTTI_ASSIGN_OR_RETURN(TargetSelection selection,
                         Select(state.registry, expression, references));
  TUTTI_RETURN_IF_ERROR(CheckSelection(state.registry, selection, rules));
  return std::move(selection.names);
}

}  // namespace

absl::StatusOr<std::vector<std::string>> SelectAgents(
    CoreState& state, std::string_view operator_name,
    const Expressions& expressions) {
  TUTTI_ASSIGN_OR_RETURN(const TargetExpression expression,
                         ParseAll(expressions));
  return SelectKnown(state, operator_name, expression);
}

absl::StatusOr<std::vector<std::string>> SelectTargets(
    CoreState& state, std::string_view operator_name,
    const Expressions& expressions) {
  TUTTI_ASSIGN_OR_RETURN(const TargetExpression expression,
                         ParseAll(expressions));
  if (IsLocalTarget(expression)) {
    return std::vector<std::string>{std::string(kLocalTarget)};
  }
  return SelectKnown(state, operator_name, expression);
}

absl::StatusOr<std::vector<uint32_t>> SelectTasks(
    CoreState& state, std::string_view operator_name, const Job& job,
    const Expressions& expressions) {
  std::vector<uint32_t> tasks;
  if (expressions.empty()) {
    tasks.resize(job.size());
    std::iota(tasks.begin(), tasks.end(), 0);
    return tasks;
  }
  const SelectionRules rules{.skip_unknown = true, .with_local_host = true};
  References references(state, operator_name, rules);
  KnownOnly known_only(references);
  const std::vector<std::string> texts(expressions.begin(), expressions.end());
  TUTTI_ASSIGN_OR_RETURN(const TargetExpression expression,
                         TargetExpression::ParseUnited(texts));
  TUTTI_ASSIGN_OR_RETURN(
      const TargetSelection selection,
      expression.Select(job.targets(), state.registry.attributes(),
                        known_only));
  TUTTI_RETURN_IF_ERROR(CheckSelection(state.registry, selection, rules));
  if (!selection.unknown.empty() || selection.names.empty()) {
    return InvalidArgument(
        "job {} has no target {}; it ran on {}, look at `tutti job show {}`",
        job.number(),
        selection.unknown.empty() ? Unite(texts) : FoldNames(selection.unknown),
        job.first_request().folded_targets, job.number());
  }
  for (const std::string& name : selection.names) {
    // A group may hold more than the job's targets.
    if (const auto task = job.IndexOf(name)) tasks.push_back(*task);
  }
  return tasks;
}

absl::StatusOr<v1::ResolveTargetsResponse> ResolveTargetExpressions(
    CoreState& state, std::string_view operator_name,
    const v1::ResolveTargetsRequest& request) {
  if (request.expressions_size() == 0) {
    return InvalidArgument("no targets were given; use -t");
  }
  const SelectionRules rules{
      .skip_unknown = request.skip_unknown(),
      .allow_empty = request.allow_empty(),
      .remedy = "see `tutti agent list`, or give --skip-unknown"};
  References references(state, operator_name, rules);
  TargetSelection selection;
  TUTTI_ASSIGN_OR_RETURN(const TargetExpression expression,
                         ParseAll(request.expressions()));
  TUTTI_ASSIGN_OR_RETURN(const bool local,
                         WantsLocalHost(state, expression, request));
  if (local) {
    selection.names.emplace_back(kLocalTarget);
  } else {
    TUTTI_ASSIGN_OR_RETURN(
        selection, SelectRequested(state.registry, expression, request, rules,
                                   references));
  }
  if (selection.names.empty() && !rules.allow_empty) {
    return InvalidArgument(
        "no targets are left; see `tutti agent list` for who is there");
  }
  v1::ResolveTargetsResponse response;
  response.set_targets(FoldNames(selection.names));
  response.set_count(selection.names.size());
  response.set_unknown(FoldNames(selection.unknown));
  AddOfflineGroups(state.registry, selection.names, response);
  *response.mutable_offline_grace() =
      tutti::ToProto(state.settings.offline_grace);
  response.set_default_fanout(state.settings.default_fanout);
  return response;
}

}  // namespace tutti::controller
