// Which jobs a list shows.
#ifndef CONTROLLER_CORE_JOB_FILTER_H_
#define CONTROLLER_CORE_JOB_FILTER_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/core/core_state.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::controller {

// The filters of a ListJobsRequest, all of which a job has to pass. Borrows the
// request.
class JobFilter {
 public:
  // An error as of SelectTargets.
  static absl::StatusOr<JobFilter> Make(const v1::ListJobsRequest& request,
                                        std::string_view operator_name,
                                        CoreState& state);

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
