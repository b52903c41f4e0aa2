// What operators ask for, but for starting, watching and steering.
#ifndef CONTROLLER_CORE_OPERATOR_CALLS_H_
#define CONTROLLER_CORE_OPERATOR_CALLS_H_

#include <string_view>

#include "absl/status/status.h"
#include "controller/core/agent_sessions.h"
#include "controller/core/core_state.h"

namespace tutti::controller {

// One method a call. Not thread-safe.
class OperatorCalls {
 public:
  OperatorCalls(CoreState& state, AgentSessions& sessions)
      : state_(state), sessions_(sessions) {}
  OperatorCalls(const OperatorCalls&) = delete;
  OperatorCalls& operator=(const OperatorCalls&) = delete;

  absl::StatusOr<v1::ListJobsResponse> ListJobs(
      std::string_view operator_name, const v1::ListJobsRequest& request);
  absl::StatusOr<v1::GetJobResponse> GetJob(std::string_view operator_name,
                                            const v1::GetJobRequest& request);
  absl::StatusOr<v1::ListAgentsResponse> ListAgents(
      std::string_view operator_name, const v1::ListAgentsRequest& request);
  void LabelAgents(std::string_view operator_name,
                   const v1::LabelAgentsRequest& request,
                   Reply<v1::LabelAgentsResponse> reply);
  void RemoveAgent(const v1::RemoveAgentRequest& request,
                   Reply<v1::RemoveAgentResponse> reply);

 private:
  uint32_t CountRunning(std::string_view agent);

  CoreState& state_;
  AgentSessions& sessions_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_CORE_OPERATOR_CALLS_H_
