#include "controller/core/core.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/targets/local_target.h"
#include "controller/core/agent_sessions.h"
#include "controller/core/content_feeds.h"
#include "controller/core/core_state.h"
#include "controller/core/directives.h"
#include "controller/core/dispatcher.h"
#include "controller/core/inputs.h"
#include "controller/core/journal_loader.h"
#include "controller/core/journal_queue.h"
#include "controller/core/operator_calls.h"
#include "controller/core/prepared_job.h"
#include "controller/core/retention.h"
#include "controller/core/retries.h"
#include "controller/core/steering.h"
#include "controller/core/target_resolution.h"
#include "controller/core/task_rules.h"
#include "controller/core/unread_jobs.h"
#include "controller/core/watches.h"

namespace tutti::controller {

// Puts the rules together. Every event ends with Settle.
class Core::Implementation {
 public:
  Implementation(std::string fleet, const CoreSettings& settings,
                 const CoreClocks& clocks, Effects& effects)
      : state(std::move(fleet), settings, clocks, effects),
        journal(state,
                [this](const JournalQueue::Durable& durable) {
                  OnDurable(durable);
                }),
        watches(state),
        retention(state, journal, watches),
        tasks(state, journal, watches),
        directives(state),
        dispatcher(state, journal, tasks, directives, retention),
        retries(state, journal, watches, tasks, directives, dispatcher),
        inputs(state, dispatcher),
        feeds(state),
        unread(state, watches, dispatcher),
        sessions(state, journal, watches, tasks, directives, dispatcher, inputs,
                 feeds),
        steering(state, watches, tasks, dispatcher, retention, retries),
        calls(state, sessions) {
    state.settle = [this] { Settle(); };
  }

  // Does what the event has made possible. Dispatching may free places for
  // more, and end jobs.
  void Settle() {
    while (!state.to_dispatch.empty() || !state.to_remove.empty()) {
      const std::vector<uint64_t> dispatch =
          std::exchange(state.to_dispatch, {});
      for (uint64_t number : dispatch) {
        Job* job = state.jobs.Find(number);
        if (job == nullptr) continue;
        job->dispatch_due = false;
        dispatcher.Dispatch(*job);
      }
      // Who gives a job input is answered before that job is removed.
      inputs.Pump();
      const std::vector<uint64_t> remove = std::exchange(state.to_remove, {});
      for (uint64_t number : remove) {
        Job* job = state.jobs.Find(number);
        if (job != nullptr) retention.Remove(*job);
      }
    }
    inputs.Pump();
    feeds.Pump();
    unread.Pump();
    journal.Flush();
    watches.Pump();
    directives.SendDueCredit();
  }

  void OnTime() {
    const absl::Time now = state.clock.Now();
    while (const auto timer = state.timers.Take(now)) OnTimer(*timer);
    const absl::Time steady_now = state.steady.Now();
    while (const auto timer = state.start_timers.Take(steady_now)) {
      OnStartTimer(*timer);
    }
    directives.OnTime();
    inputs.OnTime();
    feeds.OnTime();
    unread.OnTime();
    retention.OnTime();
    watches.OnTime();
    Settle();
  }

  absl::Time NextDeadline() const {
    return std::min({state.timers.NextDeadline(),
                     state.WallOf(state.start_timers.NextDeadline()),
                     directives.NextDeadline(), inputs.NextDeadline(),
                     feeds.NextDeadline(), unread.NextDeadline(),
                     retention.NextDeadline(), watches.NextDeadline(),
                     journal.NextDeadline()});
  }

  CoreState state;
  JournalQueue journal;
  Watches watches;
  Retention retention;
  TaskRules tasks;
  Directives directives;
  Dispatcher dispatcher;
  Retries retries;
  Inputs inputs;
  ContentFeeds feeds;
  UnreadJobs unread;
  AgentSessions sessions;
  Steering steering;
  OperatorCalls calls;

 private:
  void OnDurable(const JournalQueue::Durable& durable) {
    for (const TaskReference& task : durable.assigned) {
      dispatcher.OnAssigned(task);
    }
    for (const TaskReference& task : durable.outcomes) sessions.OnDurable(task);
  }

  void OnTimer(const Timers::Timer& timer) {
    Job* job = state.jobs.Find(timer.what.job);
    if (job == nullptr) return;
    const bool rollout = timer.what.task == Timers::kRollout;
    CompactTime& noted =
        rollout ? job->timer_at : job->task(timer.what.task).timer_at;
    // An earlier one took its place.
    if (noted.time() != timer.at) return;
    noted = CompactTime();
    if (rollout) {
      state.DispatchLater(*job);
    } else {
      tasks.OnTimer(*job, timer.what.task);
    }
  }

  void OnStartTimer(const Timers::Timer& timer) {
    Job* job = state.jobs.Find(timer.what.job);
    if (job == nullptr || job->start_timer_at.time() != timer.at) return;
    job->start_timer_at = CompactTime();
    state.DispatchLater(*job);
  }
};

Core::Core(std::string fleet, const CoreSettings& settings, CoreClocks clocks,
           Effects& effects)
    : implementation_(std::make_unique<Implementation>(
          std::move(fleet), settings, clocks, effects)) {}

Core::~Core() = default;

void Core::Load(const JournalContents& contents) {
  Implementation& core = *implementation_;
  JournalLoader(core.state, core.dispatcher, core.tasks).Load(contents);
  core.Settle();
}

void Core::Configure(const CoreSettings& settings) {
  implementation_->state.settings = settings;
  implementation_->state.results.Configure(
      {settings.task_output_budget, settings.total_output_budget});
  implementation_->state.groups.SetFile(settings.file_groups);
}

AgentRegistry& Core::registry() { return implementation_->state.registry; }

GroupTable& Core::groups() { return implementation_->state.groups; }

std::set<std::string> Core::ContentDigests() const {
  std::set<std::string> digests;
  for (const auto& [number, job] : implementation_->state.jobs.jobs()) {
    const std::string& digest = job->description().content_digest;
    if (!digest.empty()) digests.insert(digest);
  }
  return digests;
}

void Core::OnHello(SessionId session, const AgentPeer& peer,
                   const v1::AgentHello& hello) {
  implementation_->sessions.OnHello(session, peer, hello);
  implementation_->Settle();
}

void Core::OnLocalHello(SessionId session, const v1::AgentHello& hello) {
  implementation_->state.registry.AddLocalHost();
  OnHello(session,
          {.name = std::string(kLocalTarget),
           .key_fingerprint = AgentRegistry::LocalHostKey(),
           .address = "this host"},
          hello);
}

void Core::OnReport(SessionId session, v1::AgentReport report) {
  implementation_->sessions.OnReport(session, std::move(report));
  implementation_->Settle();
}

void Core::OnOutput(SessionId session, v1::SendOutputRequest request) {
  implementation_->sessions.OnOutput(session, std::move(request));
  implementation_->Settle();
}

void Core::OnSessionClosed(SessionId session) {
  implementation_->sessions.OnClosed(session);
  implementation_->Settle();
}

SessionId Core::SessionOf(std::string_view agent) const {
  const AgentLink* link = implementation_->state.links.Find(agent);
  return link == nullptr ? 0 : link->session;
}

void Core::ResolveTargets(std::string_view operator_name,
                          const v1::ResolveTargetsRequest& request,
                          Reply<v1::ResolveTargetsResponse> reply) {
  reply(
      ResolveTargetExpressions(implementation_->state, operator_name, request));
}

void Core::StartJob(PreparedJob job, Reply<v1::StartJobResponse> reply) {
  if (job.opened.spec.attempt() > 1) {
    implementation_->retries.Start(std::move(job), std::move(reply));
  } else {
    implementation_->dispatcher.StartJob(std::move(job), std::move(reply));
  }
  implementation_->Settle();
}

absl::Status Core::CheckDelegated(std::string_view operator_name,
                                  const Uuid& delegating_job,
                                  const v1::JobSelector& selector) {
  JobTable& jobs = implementation_->state.jobs;
  TUTTI_RETURN_IF_ERROR(
      CheckDelegatingJob(delegating_job, operator_name, jobs));
  TUTTI_ASSIGN_OR_RETURN(const Job* job, jobs.Select(selector, operator_name));
  if (job->first_request().delegating_job == delegating_job) {
    return absl::OkStatus();
  }
  return NotOfDelegation(*job);
}

void Core::ListJobs(std::string_view operator_name,
                    const v1::ListJobsRequest& request,
                    Reply<v1::ListJobsResponse> reply) {
  reply(implementation_->calls.ListJobs(operator_name, request));
}

void Core::GetJob(std::string_view operator_name,
                  const v1::GetJobRequest& request,
                  Reply<v1::GetJobResponse> reply) {
  reply(implementation_->calls.GetJob(operator_name, request));
}

void Core::HoldJob(std::string_view operator_name,
                   const v1::HoldJobRequest& request,
                   Reply<v1::HoldJobResponse> reply) {
  implementation_->steering.HoldJob(operator_name, request, std::move(reply));
  implementation_->Settle();
}

void Core::ApproveJob(std::string_view operator_name,
                      const v1::ApproveJobRequest& request,
                      Reply<v1::ApproveJobResponse> reply) {
  implementation_->steering.ApproveJob(operator_name, request,
                                       std::move(reply));
  implementation_->Settle();
}

void Core::StopJob(std::string_view operator_name,
                   const v1::StopJobRequest& request,
                   Reply<v1::StopJobResponse> reply) {
  implementation_->steering.StopJob(operator_name, request, std::move(reply));
  implementation_->Settle();
}

void Core::SuspendJob(std::string_view operator_name,
                      const v1::SuspendJobRequest& request,
                      Reply<v1::SuspendJobResponse> reply) {
  implementation_->steering.SuspendJob(operator_name, request,
                                       std::move(reply));
  implementation_->Settle();
}

void Core::SetJob(std::string_view operator_name,
                  const v1::SetJobRequest& request,
                  Reply<v1::SetJobResponse> reply) {
  implementation_->steering.SetJob(operator_name, request, std::move(reply));
  implementation_->Settle();
}

void Core::SendInput(std::string_view operator_name,
                     const v1::SendInputRequest& request,
                     Reply<v1::SendInputResponse> reply) {
  implementation_->inputs.Send(operator_name, request, std::move(reply));
  implementation_->Settle();
}

void Core::RemoveJob(std::string_view operator_name,
                     const v1::RemoveJobRequest& request,
                     Reply<v1::RemoveJobResponse> reply) {
  implementation_->steering.RemoveJob(operator_name, request, std::move(reply));
  implementation_->Settle();
}

void Core::ListAgents(std::string_view operator_name,
                      const v1::ListAgentsRequest& request,
                      Reply<v1::ListAgentsResponse> reply) {
  reply(implementation_->calls.ListAgents(operator_name, request));
}

void Core::LabelAgents(std::string_view operator_name,
                       const v1::LabelAgentsRequest& request,
                       Reply<v1::LabelAgentsResponse> reply) {
  implementation_->calls.LabelAgents(operator_name, request, std::move(reply));
  implementation_->Settle();
}

void Core::RemoveAgent(const v1::RemoveAgentRequest& request,
                       Reply<v1::RemoveAgentResponse> reply) {
  implementation_->calls.RemoveAgent(request, std::move(reply));
  implementation_->Settle();
}

void Core::OpenWatch(WatchId watch, std::string_view operator_name,
                     const v1::WatchJobRequest& request) {
  implementation_->watches.Open(watch, operator_name, request);
  implementation_->Settle();
}

void Core::OnWatchReady(WatchId watch) {
  implementation_->watches.OnReady(watch);
  implementation_->Settle();
}

void Core::OnWatchClosed(WatchId watch) {
  implementation_->watches.OnClosed(watch);
  implementation_->Settle();
}

absl::Time Core::NextDeadline() const {
  return implementation_->NextDeadline();
}

void Core::OnTime() { implementation_->OnTime(); }

}  // namespace tutti::controller
