// Which jobs a list shows.
#ifndef CONTROLLER_CORE_JOB_FILTER_H_
#define CONTROLLER_CORE_JOB_FILTER_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/jobs/job.h"
#include "controller/registry/agent_registry.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::controller {

// The filters of a ListJobsRequest, all of which a job has to pass. Borrows the
// request.
class JobFilter {
 public:
  // INVALID_ARGUMENT when its expressions are malformed, or name or match
  // nobody.
  static absl::StatusOr<JobFilter> Make(const v1::ListJobsRequest& request,
                                        const AgentRegistry& registry);

  bool Matches(const Job& job) const;

 private:
  JobFilter(const v1::ListJobsRequest& request,
            std::vector<std::string> targets)
      : request_(request), targets_(std::move(targets)) {}
  bool MatchesStates(const Job& job) const;
  bool MatchesTargets(const Job& job) const;

  const v1::ListJobsRequest& request_;
  // Sorted; of no use when there are no expressions.
  std::vector<std::string> targets_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_CORE_JOB_FILTER_H_
