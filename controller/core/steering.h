// What operators ask of a job while it runs.
#ifndef CONTROLLER_CORE_STEERING_H_
#define CONTROLLER_CORE_STEERING_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "controller/core/core_state.h"
#include "controller/core/dispatcher.h"
#include "controller/core/retention.h"
#include "controller/core/retries.h"
#include "controller/core/task_rules.h"
#include "controller/core/watches.h"

namespace tutti::controller {

// One method a call. Each does what it says at once, and answers when that is
// in the journal. Not thread-safe.
class Steering {
 public:
  Steering(CoreState& state, Watches& watches, TaskRules& tasks,
           Dispatcher& dispatcher, Retention& retention, const Retries& retries)
      : state_(state),
        watches_(watches),
        tasks_(tasks),
        dispatcher_(dispatcher),
        retention_(retention),
        retries_(retries) {}
  Steering(const Steering&) = delete;
  Steering& operator=(const Steering&) = delete;

  void HoldJob(std::string_view operator_name,
               const v1::HoldJobRequest& request,
               Reply<v1::HoldJobResponse> reply);
  void ApproveJob(std::string_view operator_name,
                  const v1::ApproveJobRequest& request,
                  Reply<v1::ApproveJobResponse> reply);
  void StopJob(std::string_view operator_name,
               const v1::StopJobRequest& request,
               Reply<v1::StopJobResponse> reply);
  void SuspendJob(std::string_view operator_name,
                  const v1::SuspendJobRequest& request,
                  Reply<v1::SuspendJobResponse> reply);
  void SetJob(std::string_view operator_name, const v1::SetJobRequest& request,
              Reply<v1::SetJobResponse> reply);
  void RemoveJob(std::string_view operator_name,
                 const v1::RemoveJobRequest& request,
                 Reply<v1::RemoveJobResponse> reply);

 private:
  void StopTasks(Job& job, const std::vector<uint32_t>& tasks,
                 const v1::StopJobRequest& request,
                 v1::StopJobResponse& response);
  void StopAll(Job& job, const v1::StopJobRequest& request);
  // All that SetJob changes but the name.
  absl::Status ChangeSettings(const v1::SetJobRequest& request, Job& job);
  // Whether what has not ended can keep to new limits of labels.
  absl::Status CheckLabels(const v1::SetJobRequest& request, const Job& job,
                           const JobAttempt& attempt) const;
  // After it was changed when a lost link counts.
  void WatchLinks(Job& job, const JobAttempt& attempt);
  // Makes durable what was asked of a job, then answers.
  template <typename Response>
  void CommitAndReply(const Job& job, Response response, Reply<Response> reply);

  CoreState& state_;
  Watches& watches_;
  TaskRules& tasks_;
  Dispatcher& dispatcher_;
  Retention& retention_;
  const Retries& retries_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_CORE_STEERING_H_
