// What operators ask for, but for starting and watching.
#ifndef CONTROLLER_CORE_OPERATOR_CALLS_H_
#define CONTROLLER_CORE_OPERATOR_CALLS_H_

#include <string_view>

#include "absl/status/status.h"
#include "controller/core/agent_sessions.h"
#include "controller/core/core_state.h"
#include "controller/core/dispatcher.h"
#include "controller/core/retention.h"
#include "controller/core/watches.h"

namespace tutti::controller {

// One method a call. Not thread-safe.
class OperatorCalls {
 public:
  OperatorCalls(CoreState& state, Watches& watches, Dispatcher& dispatcher,
                Retention& retention, AgentSessions& sessions)
      : state_(state),
        watches_(watches),
        dispatcher_(dispatcher),
        retention_(retention),
        sessions_(sessions) {}
  OperatorCalls(const OperatorCalls&) = delete;
  OperatorCalls& operator=(const OperatorCalls&) = delete;

  v1::ListJobsResponse ListJobs(const v1::ListJobsRequest& request) const;
  absl::StatusOr<v1::GetJobResponse> GetJob(std::string_view operator_name,
                                            const v1::GetJobRequest& request);
  void HoldJob(std::string_view operator_name,
               const v1::HoldJobRequest& request,
               Reply<v1::HoldJobResponse> reply);
  void ApproveJob(std::string_view operator_name,
                  const v1::ApproveJobRequest& request,
                  Reply<v1::ApproveJobResponse> reply);
  void StopJob(std::string_view operator_name,
               const v1::StopJobRequest& request,
               Reply<v1::StopJobResponse> reply);
  void RemoveJob(std::string_view operator_name,
                 const v1::RemoveJobRequest& request,
                 Reply<v1::RemoveJobResponse> reply);
  absl::StatusOr<v1::ListAgentsResponse> ListAgents(
      std::string_view operator_name, const v1::ListAgentsRequest& request);
  void LabelAgents(std::string_view operator_name,
                   const v1::LabelAgentsRequest& request,
                   Reply<v1::LabelAgentsResponse> reply);
  void RemoveAgent(const v1::RemoveAgentRequest& request,
                   Reply<v1::RemoveAgentResponse> reply);

 private:
  // Makes durable what was asked of a job, then calls `done`.
  void CommitSteering(const Job& job,
                      absl::AnyInvocable<void(absl::Status)> done);
  uint32_t CountRunning(std::string_view agent);

  CoreState& state_;
  Watches& watches_;
  Dispatcher& dispatcher_;
  Retention& retention_;
  AgentSessions& sessions_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_CORE_OPERATOR_CALLS_H_
