#include "controller/core/job_filter.h"

#include <algorithm>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/targets/wildcard.h"
#include "controller/core/target_resolution.h"

namespace tutti::controller {
namespace {

template <typename Values, typename Value>
bool IsAmong(const Values& values, const Value& value) {
  return values.empty() ||
         std::find(values.begin(), values.end(), value) != values.end();
}

bool FitsWildcard(const std::string& wildcard, const std::string& text) {
  return wildcard.empty() || MatchesWildcard(wildcard, text);
}

}  // namespace

absl::StatusOr<JobFilter> JobFilter::Make(const v1::ListJobsRequest& request,
                                          std::string_view operator_name,
                                          CoreState& state) {
  const auto& states = request.states();
  const auto& task_states = request.task_states();
  if (std::count(states.begin(), states.end(), v1::JOB_STATE_UNSPECIFIED) +
          std::count(task_states.begin(), task_states.end(),
                     v1::TASK_STATE_UNSPECIFIED) >
      0) {
    return InvalidArgument("a state to filter by is not given; name one");
  }
  std::vector<std::string> targets;
  if (!request.targets().empty()) {
    TUTTI_ASSIGN_OR_RETURN(
        targets, SelectTargets(state, operator_name, request.targets()));
  }
  return JobFilter(request, std::move(targets));
}

bool JobFilter::Matches(const Job& job) const {
  const absl::Time started = job.first_request().started_at;
  if (request_.has_since() && started < ToTime(request_.since())) return false;
  if (request_.has_until() && started >= ToTime(request_.until())) return false;
  return FitsWildcard(request_.name(), job.name()) &&
         FitsWildcard(request_.operator_(),
                      job.first_request().operator_name) &&
         IsAmong(request_.kinds(), job.description().kind) &&
         MatchesStates(job) && MatchesTargets(job);
}

bool JobFilter::MatchesStates(const Job& job) const {
  const auto& states = request_.task_states();
  return IsAmong(request_.states(), job.state()) &&
         (states.empty() ||
          std::any_of(states.begin(), states.end(), [&job](int state) {
            return v1::TaskState_IsValid(state) &&
                   job.counts()[static_cast<v1::TaskState>(state)] > 0;
          }));
}

bool JobFilter::MatchesTargets(const Job& job) const {
  if (request_.targets().empty()) return true;
  // Through the shorter list, looking each name up in the longer one.
  if (targets_.size() < job.size()) {
    return std::any_of(
        targets_.begin(), targets_.end(),
        [&job](const std::string& name) { return job.IndexOf(name); });
  }
  return std::any_of(job.targets().begin(), job.targets().end(),
                     [this](const std::string& name) {
                       return std::binary_search(targets_.begin(),
                                                 targets_.end(), name);
                     });
}

}  // namespace tutti::controller
