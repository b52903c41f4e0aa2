#include "controller/core/references.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/jobs/states.h"
#include "common/targets/local_target.h"
#include "controller/results/output_search.h"

namespace tutti::controller {
namespace {

// Groups within each other; one that contains itself goes beyond.
constexpr int kMaxDepth = 32;
// References of one call, those within groups included.
constexpr size_t kMaxResolved = 500;

bool IsMeant(const TaskFilter& filter, const Task& task) {
  switch (filter.kind) {
    case TaskFilter::Kind::kAll:
      return true;
    case TaskFilter::Kind::kState:
      return task.state == filter.state;
    case TaskFilter::Kind::kNotCompleted:
      return task.state != v1::TASK_STATE_COMPLETED;
    case TaskFilter::Kind::kRows:
    case TaskFilter::Kind::kChanged:
      return IsFinal(task.state) && task.record.yielded();
    case TaskFilter::Kind::kOutput:
      break;
  }
  return false;
}

// Only a query has rows, and only a copy changes targets.
absl::Status CheckKind(const Job& job, const TargetReference& reference) {
  std::string_view wanted;
  std::string_view does;
  if (reference.filter.kind == TaskFilter::Kind::kRows) {
    wanted = "query";
    does = "has rows";
  } else if (reference.filter.kind == TaskFilter::Kind::kChanged) {
    wanted = "copy";
    does = "tells whether it changed something";
  }
  const std::string& kind = job.description().kind;
  if (wanted.empty() || kind == wanted) return absl::OkStatus();
  return InvalidArgument(
      "{}: job {} is a {}, and only a {} {}; choose by its states or its "
      "output",
      reference.text, job.number(), kind, wanted, does);
}

}  // namespace

absl::StatusOr<TargetSelection> References::Resolve(
    const TargetReference& reference) {
  const auto known = resolved_.find(reference.text);
  if (known != resolved_.end()) return known->second;
  if (resolved_.size() == kMaxResolved) {
    return ResourceExhausted(
        "the expression and its groups refer to more than {} groups and "
        "results of jobs; write fewer",
        kMaxResolved);
  }
  TUTTI_ASSIGN_OR_RETURN(TargetSelection selection,
                         reference.group.empty()
                             ? SelectOfJob(reference)
                             : SelectOfGroup(reference.group));
  const absl::Status checked =
      CheckSelection(state_.registry, selection, rules_);
  if (!checked.ok()) return WithPrefix(reference.text, checked);
  if (selection.names.empty() && !rules_.allow_empty) {
    return InvalidArgument(
        "{}: it stands for no target now; look at `tutti target explain`, or "
        "let `tutti run` go on with --if-empty ok",
        reference.text);
  }
  return resolved_.emplace(reference.text, std::move(selection)).first->second;
}

absl::StatusOr<TargetSelection> References::SelectOfGroup(
    const std::string& name) {
  TUTTI_ASSIGN_OR_RETURN(const Group* group, state_.groups.Find(name));
  if (depth_ == kMaxDepth) {
    return InvalidArgument(
        "@{}: more than {} groups stand within each other, or one contains "
        "itself; correct it with tutti group set",
        name, kMaxDepth);
  }
  ++depth_;
  const absl::Cleanup leave = [this] { --depth_; };
  return group->expression.Select(state_.registry.names(),
                                  state_.registry.attributes(), *this);
}

absl::StatusOr<TargetSelection> References::SelectOfJob(
    const TargetReference& reference) {
  const absl::StatusOr<Job*> job =
      state_.jobs.Select(reference.job, operator_name_);
  if (!job.ok()) return WithPrefix(reference.text, job.status());
  TUTTI_ASSIGN_OR_RETURN(std::vector<std::string> names,
                         NamesOf(**job, reference));
  TargetSelection selection;
  for (std::string& name : names) {
    const bool is_known = state_.registry.Find(name) != nullptr &&
                          (rules_.with_local_host || name != kLocalTarget);
    (is_known ? selection.names : selection.unknown).push_back(std::move(name));
  }
  return selection;
}

absl::StatusOr<std::vector<std::string>> References::NamesOf(
    const Job& job, const TargetReference& reference) {
  TUTTI_RETURN_IF_ERROR(CheckKind(job, reference));
  if (reference.filter.output.has_value()) return SearchOutput(job, reference);
  std::vector<std::string> names;
  for (uint32_t task = 0; task < job.size(); ++task) {
    if (IsMeant(reference.filter, job.task(task))) {
      names.push_back(job.target(task));
    }
  }
  return names;
}

absl::StatusOr<std::vector<std::string>> References::SearchOutput(
    const Job& job, const TargetReference& reference) {
  OutputSearch search(*reference.filter.output, search_budget_);
  std::vector<std::string> names;
  size_t partly = 0;
  for (uint32_t task = 0; task < job.size(); ++task) {
    const absl::StatusOr<OutputSearch::Finding> finding =
        search.Search(job.task(task).output);
    if (!finding.ok()) return WithPrefix(reference.text, finding.status());
    if (finding->matches) {
      names.push_back(job.target(task));
    } else if (!finding->whole) {
      ++partly;
    }
  }
  if (partly > 0) {
    return InvalidArgument(
        "{}: the output of {} target{} is no longer in memory; name them "
        "otherwise, or look with `tutti job receive {}`",
        reference.text, partly, partly == 1 ? "" : "s", job.number());
  }
  return names;
}

}  // namespace tutti::controller
