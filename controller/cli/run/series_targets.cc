#include "controller/cli/run/series_targets.h"

#include <algorithm>

#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace tutti::cli {
namespace {

bool IsOwn(const v1::JobSelector& job,
           const std::vector<std::string>& job_names) {
  if (job.has_last()) return true;
  return job.has_name() && std::find(job_names.begin(), job_names.end(),
                                     job.name()) != job_names.end();
}

absl::Status CheckNode(const TargetNode& node,
                       const std::vector<std::string>& job_names) {
  if (node.reference.has_value() && IsOwn(node.reference->job, job_names)) {
    return InvalidArgument(
        "{}: with --every the newest job is soon one of its own; name the job "
        "by its number",
        node.reference->text);
  }
  for (const TargetNode& operand : node.operands) {
    TUTTI_RETURN_IF_ERROR(CheckNode(operand, job_names));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckSeriesTargets(const WantedTargets& wanted,
                                const std::vector<std::string>& job_names) {
  TUTTI_RETURN_IF_ERROR(CheckNode(wanted.expression.root(), job_names));
  if (!wanted.exclusion.has_value()) return absl::OkStatus();
  return CheckNode(wanted.exclusion->root(), job_names);
}

}  // namespace tutti::cli
