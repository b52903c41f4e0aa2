#include "controller/core/operator_calls.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/jobs/states.h"
#include "common/targets/node_set.h"
#include "controller/core/job_filter.h"
#include "controller/core/target_resolution.h"

namespace tutti::controller {
namespace {

// What a task was before it was tried again, the newest first.
void AddEarlier(const Job& job, uint32_t index, v1::GetJobResponse& response) {
  for (const EarlierAttempt* earlier = job.task(index).earlier.get();
       earlier != nullptr; earlier = earlier->earlier.get()) {
    v1::EarlierAttempt& described = *response.add_earlier();
    described.set_task(index);
    *described.mutable_status() =
        job.DescribeTask(index, earlier->attempt, absl::InfinitePast());
  }
}

}  // namespace

absl::StatusOr<v1::ListJobsResponse> OperatorCalls::ListJobs(
    std::string_view operator_name, const v1::ListJobsRequest& request) {
  TUTTI_ASSIGN_OR_RETURN(const JobFilter filter,
                         JobFilter::Make(request, operator_name, state_));
  v1::ListJobsResponse response;
  const auto& jobs = state_.jobs.jobs();
  for (auto entry = jobs.rbegin(); entry != jobs.rend(); ++entry) {
    const Job& job = *entry->second;
    if (!job.committed || !filter.Matches(job)) continue;
    *response.add_jobs() = job.Describe(/*with_targets=*/false);
    if (request.first() != 0 &&
        response.jobs_size() == static_cast<int>(request.first())) {
      break;
    }
  }
  return response;
}

absl::StatusOr<v1::GetJobResponse> OperatorCalls::GetJob(
    std::string_view operator_name, const v1::GetJobRequest& request) {
  TUTTI_ASSIGN_OR_RETURN(Job * job,
                         state_.jobs.Select(request.job(), operator_name));
  TUTTI_ASSIGN_OR_RETURN(
      const std::vector<uint32_t> selected,
      SelectTasks(state_, operator_name, *job, request.targets()));
  v1::GetJobResponse response;
  *response.mutable_job() = job->Describe(/*with_targets=*/true);
  for (uint32_t index = 0; index < job->size(); ++index) {
    const Task& task = job->task(index);
    const absl::Time last_seen = task.offline
                                     ? state_.LastSeen(job->target(index))
                                     : absl::InfinitePast();
    *response.add_tasks() = job->DescribeTask(index, task.attempt, last_seen);
  }
  if (request.targets().empty()) {
    response.set_selected(job->first_request().folded_targets);
  } else {
    std::vector<std::string> names;
    names.reserve(selected.size());
    for (const uint32_t index : selected) names.push_back(job->target(index));
    response.set_selected(FoldNames(names));
  }
  for (const uint32_t index : selected) {
    if (request.earlier()) AddEarlier(*job, index, response);
  }
  if (request.envelope()) {
    response.set_envelope(*job->first_request().envelope);
    *response.mutable_parameters() = job->description().parameters;
  }
  return response;
}

absl::StatusOr<v1::ListAgentsResponse> OperatorCalls::ListAgents(
    std::string_view operator_name, const v1::ListAgentsRequest& request) {
  std::vector<std::string> names = state_.registry.names();
  if (request.expressions_size() > 0) {
    TUTTI_ASSIGN_OR_RETURN(
        names, SelectAgents(state_, operator_name, request.expressions()));
  }
  v1::ListAgentsResponse response;
  for (const std::string& name : names) {
    v1::Agent& agent = *response.add_agents();
    agent =
        state_.registry.Describe(*state_.registry.Find(name), request.facts());
    agent.set_running(CountRunning(name));
  }
  return response;
}

uint32_t OperatorCalls::CountRunning(std::string_view agent) {
  const AgentLink* link = state_.links.Find(agent);
  if (link == nullptr) return 0;
  uint32_t running = 0;
  for (const TaskReference& reference : link->live) {
    const Job* job = state_.jobs.Find(reference.job);
    if (job != nullptr && !IsFinal(job->task(reference.task).state)) ++running;
  }
  return running;
}

void OperatorCalls::LabelAgents(std::string_view operator_name,
                                const v1::LabelAgentsRequest& request,
                                Reply<v1::LabelAgentsResponse> reply) {
  const absl::StatusOr<std::vector<std::string>> names =
      SelectAgents(state_, operator_name, request.expressions());
  if (!names.ok()) return reply(names.status());
  JournalBatch batch;
  const absl::Status labelled = state_.registry.Label(*names, request, batch);
  if (!labelled.ok()) return reply(labelled);
  v1::LabelAgentsResponse response;
  response.set_agents(FoldNames(*names));
  response.set_count(names->size());
  state_.effects.Commit(
      std::move(batch),
      [reply = std::move(reply),
       response = std::move(response)](const absl::Status& status) mutable {
        if (!status.ok()) return reply(status);
        reply(std::move(response));
      });
}

void OperatorCalls::RemoveAgent(const v1::RemoveAgentRequest& request,
                                Reply<v1::RemoveAgentResponse> reply) {
  JournalBatch batch;
  const absl::Status removed = state_.registry.Remove(request.name(), batch);
  if (!removed.ok()) return reply(removed);
  sessions_.OnRemoved(request.name());
  state_.effects.Commit(
      std::move(batch),
      [reply = std::move(reply)](const absl::Status& status) mutable {
        if (!status.ok()) return reply(status);
        reply(v1::RemoveAgentResponse());
      });
}

}  // namespace tutti::controller
