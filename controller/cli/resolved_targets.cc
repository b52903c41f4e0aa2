#include "controller/cli/resolved_targets.h"

#include "tutti/v1/jobs.grpc.pb.h"

namespace tutti::cli {

absl::StatusOr<std::string> ResolveTargets(
    const std::vector<std::string>& expressions, Connection& connection,
    bool may_be_empty) {
  v1::ResolveTargetsRequest request;
  request.add_expressions(Unite(expressions));
  request.set_allow_empty(may_be_empty);
  TUTTI_ASSIGN_OR_RETURN(
      const v1::ResolveTargetsResponse response,
      connection.Call(&v1::JobService::Stub::ResolveTargets, request));
  return response.targets();
}

absl::StatusOr<std::optional<TargetExpression>> ParseSelection(
    const std::vector<std::string>& expressions) {
  if (expressions.empty()) return std::nullopt;
  TUTTI_ASSIGN_OR_RETURN(TargetExpression selection,
                         TargetExpression::ParseUnited(expressions));
  return selection;
}

absl::Status ResolveSelection(const std::vector<std::string>& expressions,
                              Connection& connection,
                              std::optional<TargetExpression>& selection) {
  if (!selection.has_value() || !selection->NeedsController()) {
    return absl::OkStatus();
  }
  TUTTI_ASSIGN_OR_RETURN(const std::string names,
                         ResolveTargets(expressions, connection));
  TUTTI_ASSIGN_OR_RETURN(selection, TargetExpression::Parse(names));
  return absl::OkStatus();
}

}  // namespace tutti::cli
