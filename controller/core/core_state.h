// What the rules of the core share.
#ifndef CONTROLLER_CORE_CORE_STATE_H_
#define CONTROLLER_CORE_CORE_STATE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "common/base/duration.h"
#include "controller/core/agent_links.h"
#include "controller/core/core.h"
#include "controller/core/timers.h"
#include "controller/groups/group_table.h"
#include "controller/jobs/job_table.h"
#include "controller/results/result_store.h"
#include "controller/rollout/offline_rules.h"

namespace tutti::controller {

// Data without rules. Not thread-safe.
struct CoreState {
  CoreState(std::string fleet_name, const CoreSettings& initial,
            const CoreClocks& clocks, Effects& sink)
      : fleet(std::move(fleet_name)),
        settings(initial),
        clock(clocks.wall),
        steady(clocks.steady),
        effects(sink),
        started_at(clocks.wall.Now()),
        results({initial.task_output_budget, initial.total_output_budget}) {}

  // Absolute beginning of memory for who is not enrolled.
  absl::Time LastSeen(std::string_view agent) const {
    const AgentEntry* entry = registry.Find(agent);
    return entry == nullptr ? absl::InfinitePast()
                            : ToTime(entry->stored.last_seen());
  }

  // A time of `steady` as one of `clock`.
  absl::Time WallOf(absl::Time time) const {
    return clock.Now() + (time - steady.Now());
  }

  // Agents have had time to come back since the controller was started.
  absl::Time grace_end() const { return started_at + settings.offline_grace; }

  // When an attempt gives up on a target that is offline now.
  absl::Time GiveUpAtFor(const AttemptRequest& request,
                         std::string_view target) const {
    OfflineRules rules;
    rules.policy = request.offline;
    rules.grace = settings.offline_grace;
    rules.recently_seen = settings.recently_seen;
    rules.controller_started_at = started_at;
    rules.wait_until = request.expires_at;
    if (request.offline_wait > absl::ZeroDuration()) {
      rules.wait_until =
          std::min(rules.wait_until, request.started_at + request.offline_wait);
    }
    return GiveUpAt(rules, LastSeen(target), clock.Now());
  }

  // Its rollout has to be asked before the event is over.
  void DispatchLater(Job& job) {
    if (job.dispatch_due) return;
    job.dispatch_due = true;
    to_dispatch.push_back(job.number());
  }

  // Its targets may come to wait for a reader that it does not have.
  void CheckReaderLater(const Job& job) {
    if (job.description().paced) unread_due.push_back(job.number());
  }

  const std::string fleet;
  CoreSettings settings;
  const Clock& clock;
  // For intervals between things that nobody is shown.
  const Clock& steady;
  Effects& effects;
  const absl::Time started_at;
  AgentRegistry registry;
  GroupTable groups;
  AgentLinks links;
  // Outlives the outputs of the jobs.
  ResultStore results;
  JobTable jobs;
  Timers timers;
  // The next start of a job's rollout, in times of `steady`.
  Timers start_timers;
  // Tasks that take input and have another state since.
  std::vector<TaskReference> input_due;
  // Copy tasks that have another state since.
  std::vector<TaskReference> feeds_due;
  // Tasks of paced jobs that were read, and may send more.
  std::vector<TaskReference> credit_due;
  // Paced jobs that may have no reader.
  std::vector<uint64_t> unread_due;
  // Done when the event is over.
  std::vector<uint64_t> to_dispatch;
  std::vector<uint64_t> to_remove;
  // Ends an event that came as an answer to an effect.
  absl::AnyInvocable<void()> settle;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_CORE_CORE_STATE_H_
