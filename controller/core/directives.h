// What agents are told about their attempts.
#ifndef CONTROLLER_CORE_DIRECTIVES_H_
#define CONTROLLER_CORE_DIRECTIVES_H_

#include <deque>
#include <utility>

#include "absl/time/time.h"
#include "controller/core/core_state.h"

namespace tutti::controller {

// Acknowledgements, credit, stop and forget: gathered for each session and
// sent after kInterval, or at once where an agent waits for it. Not
// thread-safe.
class Directives {
 public:
  static constexpr absl::Duration kInterval = absl::Seconds(1);
  // With bulk: its end is reported when all of it is acknowledged.
  static constexpr absl::Duration kBulkInterval = absl::Milliseconds(10);

  explicit Directives(CoreState& state) : state_(state) {}
  Directives(const Directives&) = delete;
  Directives& operator=(const Directives&) = delete;

  // What the target of a task should know now.
  v1::AttemptDirective DirectiveFor(const Job& job, uint32_t task) const;

  // To be sent soon. Without effect before the agent's welcome, which says it
  // all.
  void Queue(AgentLink& link, Job& job, uint32_t task);
  // Over the session at once, for what an operator has asked of a task.
  void Tell(AgentLink& link, Job& job, uint32_t task);
  // Sends what is due to one agent.
  void Flush(AgentLink& link);
  // Tells an agent that sends bulk without waiting, because its window is
  // half used up.
  void SendCredit(AgentLink& link, Job& job, uint32_t task);
  // Tells the targets of paced jobs that what they sent was read;
  // `state.credit_due` says which.
  void SendDueCredit();
  // One that is not about a task's present attempt.
  void Send(AgentLink& link, v1::AttemptDirective directive);
  // The controller does not know this attempt (any more).
  void SendForget(AgentLink& link, const v1::AttemptKey& key);

  absl::Time NextDeadline() const;
  void OnTime();

 private:
  // In order of time: the interval is the same for all.
  using Flushes = std::deque<std::pair<absl::Time, SessionId>>;

  // How far the target of a task may send.
  uint64_t CreditOf(const Job& job, const Task& task) const;
  void FlushDue(Flushes& flushes);

  CoreState& state_;
  Flushes flushes_;
  Flushes bulk_flushes_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_CORE_DIRECTIVES_H_
