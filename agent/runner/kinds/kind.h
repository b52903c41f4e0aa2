// The kinds of jobs: each makes of a signed spec what a process is to run. A
// new one has a file here and a row in the table of kind.cc.
#ifndef AGENT_RUNNER_KINDS_KIND_H_
#define AGENT_RUNNER_KINDS_KIND_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "agent/runner/processes/job_work.h"
#include "common/jobs/query_limits.h"
#include "tutti/v1/envelope.pb.h"

namespace tutti::runner {

struct KindSettings {
  // Path of tutti-query.
  std::string query_program;
  QueryLimits query_limits;
  // Path of tutti-copy.
  std::string copy_program;
  // Folder of the manifests of add-in kinds.
  std::string manifests;
};

// A job that was verified.
struct KindRequest {
  // What the target itself says of user, limits and environment of the kind is
  // laid over it.
  tutti::v1::JobSpec& spec;
  // Values of its secrets by name; absent when it is only asked whether the job
  // would start.
  const std::map<std::string, std::optional<std::string>>& secrets;
};

// The error is a reason to refuse the job. Reads files of the target's
// configuration, nothing that may hang.
absl::StatusOr<JobWork> PlanWork(const KindRequest& request,
                                 const KindSettings& settings);

// Of each kind, with the rule of PlanWork; its secrets are variables of its
// environment unless it says otherwise.
absl::StatusOr<JobWork> PlanCommand(const KindRequest& request,
                                    const KindSettings& settings);
absl::StatusOr<JobWork> PlanScript(const KindRequest& request,
                                   const KindSettings& settings);
absl::StatusOr<JobWork> PlanQuery(const KindRequest& request,
                                  const KindSettings& settings);
absl::StatusOr<JobWork> PlanCopy(const KindRequest& request,
                                 const KindSettings& settings);
absl::StatusOr<JobWork> PlanFetch(const KindRequest& request,
                                  const KindSettings& settings);
absl::StatusOr<JobWork> PlanAddIn(const KindRequest& request,
                                  const KindSettings& settings);

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_KINDS_KIND_H_
