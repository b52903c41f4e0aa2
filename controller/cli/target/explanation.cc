#include "controller/cli/target/explanation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "common/base/status_macros.h"
#include "common/jobs/states.h"
#include "common/targets/node_set.h"
#include "controller/cli/find_group.h"
#include "controller/cli/resolved_targets.h"

namespace tutti::cli {
namespace {

using Kind = TargetNode::Kind;

constexpr size_t kIndent = 2;

std::string NamesText(const std::vector<std::string>& names) {
  return fmt::format("{} ({})", FoldNames(names), names.size());
}

std::string Heading(const TargetNode& node) {
  switch (node.kind) {
    case Kind::kNames:
      return NamesText(node.texts);
    case Kind::kWildcards:
      return fmt::format("names like {}", fmt::join(node.texts, ", "));
    case Kind::kAll:
      return "all targets";
    case Kind::kCondition:
      return fmt::format("those with {}", node.condition->ToText());
    case Kind::kReference:
      return node.reference->text;
    case Kind::kUnion:
      return "all of these together";
    case Kind::kDifference:
      return "the first without the others";
    case Kind::kIntersection:
      return "what is in each of these";
    case Kind::kSymmetricDifference:
      return node.operands.size() == 2 ? "what is in one of these, not in both"
                                       : "what is in an odd number of these";
    case Kind::kComplement:
      return "all but";
  }
  return "";
}

std::string JobText(const v1::JobSelector& job) {
  switch (job.by_case()) {
    case v1::JobSelector::kNumber:
      return fmt::format("job {}", job.number());
    case v1::JobSelector::kUuidPrefix:
      return fmt::format("job {}", job.uuid_prefix());
    case v1::JobSelector::kName:
      return fmt::format("the newest job '{}'", job.name());
    case v1::JobSelector::kLast:
      return job.last().empty()
                 ? "your newest job"
                 : fmt::format("your newest job '{}'", job.last());
    case v1::JobSelector::BY_NOT_SET:
      break;
  }
  return "";
}

std::string FilterText(const TaskFilter& filter) {
  switch (filter.kind) {
    case TaskFilter::Kind::kAll:
      return "the targets";
    case TaskFilter::Kind::kState:
      return fmt::format("the targets that are {}", StateName(filter.state));
    case TaskFilter::Kind::kNotCompleted:
      return "the targets that are not COMPLETED";
    case TaskFilter::Kind::kOutput:
      return fmt::format("the targets with output like {}",
                         filter.output->text());
    case TaskFilter::Kind::kRows:
      return "the targets that gave rows";
    case TaskFilter::Kind::kChanged:
      return "the targets that were changed";
  }
  return "";
}

}  // namespace

absl::Status Explanation::Add(const TargetNode& node, size_t indent) {
  if (node.kind == Kind::kReference) {
    const TargetReference& reference = *node.reference;
    return reference.group.empty() ? AddJob(reference, indent)
                                   : AddGroup(reference.group, indent);
  }
  AddLine(indent, Heading(node));
  for (const TargetNode& operand : node.operands) {
    TUTTI_RETURN_IF_ERROR(Add(operand, indent + kIndent));
  }
  return absl::OkStatus();
}

void Explanation::AddLine(size_t indent, const std::string& line) {
  text_ += std::string(indent, ' ') + Sanitize(line) + "\n";
}

absl::Status Explanation::AddGroup(const std::string& name, size_t indent) {
  if (!groups_.insert(name).second) {
    AddLine(indent, fmt::format("group @{}, as above", name));
    return absl::OkStatus();
  }
  TUTTI_ASSIGN_OR_RETURN(Connection * connection, Connect());
  TUTTI_ASSIGN_OR_RETURN(const v1::Group group, FindGroup(name, *connection));
  TUTTI_ASSIGN_OR_RETURN(const TargetExpression expression,
                         TargetExpression::Parse(group.expression()));
  AddLine(indent, fmt::format("group @{}: {}", name, group.expression()));
  return Add(expression.root(), indent + kIndent);
}

absl::Status Explanation::AddJob(const TargetReference& reference,
                                 size_t indent) {
  TUTTI_ASSIGN_OR_RETURN(Connection * connection, Connect());
  TUTTI_ASSIGN_OR_RETURN(const std::string folded,
                         ResolveTargets({reference.text}, *connection,
                                        /*may_be_empty=*/true));
  std::vector<std::string> names;
  if (!folded.empty()) {
    TUTTI_ASSIGN_OR_RETURN(names, ExpandNames(folded));
  }
  AddLine(indent, fmt::format("{} of {}: {}", FilterText(reference.filter),
                              JobText(reference.job),
                              names.empty() ? "nobody now" : NamesText(names)));
  return absl::OkStatus();
}

absl::StatusOr<Connection*> Explanation::Connect() {
  if (connection_ == nullptr) {
    TUTTI_ASSIGN_OR_RETURN(connection_, Connection::Open(context_));
  }
  return connection_.get();
}

}  // namespace tutti::cli
