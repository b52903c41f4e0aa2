#include "controller/cli/resolved_targets.h"

#include "common/targets/target_expression.h"
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

}  // namespace tutti::cli
