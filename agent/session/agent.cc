#include "agent/session/agent.h"

#include <string>
#include <utility>

namespace tutti::agent {

Agent::Agent(const Parts& parts, LinkSettings settings, IdentitySource identity,
             Unreachable unreachable)
    : executor_(parts.executor),
      link_(std::move(settings), std::move(identity), parts.clock,
            parts.executor, *this),
      core_(parts.host, steady_clock_, link_, parts.runner, parts.spool),
      unreachable_(std::move(unreachable)) {}

void Agent::FlushSoon() {
  if (flush_posted_) return;
  flush_posted_ = true;
  executor_.Defer([this] {
    flush_posted_ = false;
    Flush();
  });
}

void Agent::Flush() {
  core_.Flush();
  const absl::Time deadline = core_.NextDeadline();
  if (deadline >= timer_at_) return;
  timer_at_ = deadline;
  executor_.PostAfter(deadline - steady_clock_.Now(), [this, deadline] {
    // A shorter timer was set since, and sets the next one.
    if (deadline != timer_at_) return;
    timer_at_ = absl::InfiniteFuture();
    core_.OnTime();
    Flush();
  });
}

void Agent::OnRunnerMessage(runner::v1::RunnerMessage message) {
  core_.OnRunnerMessage(std::move(message));
  FlushSoon();
}

void Agent::OnRunnerLost() { core_.OnRunnerLost(); }

void Agent::OnAttributesChanged() {
  core_.OnAttributesChanged();
  FlushSoon();
}

void Agent::OnSessionOpened() { core_.OnSessionOpened(); }

void Agent::OnSessionMessage(v1::SessionResponse message) {
  core_.OnSessionMessage(std::move(message));
  FlushSoon();
}

void Agent::OnSessionWritable() {
  core_.OnSessionWritable();
  FlushSoon();
}

void Agent::OnSessionClosed() { core_.OnSessionClosed(); }

void Agent::OnBulkMessage(v1::SendOutputResponse message) {
  core_.OnBulkMessage(message);
  FlushSoon();
}

void Agent::OnBulkWritable() {
  core_.OnBulkWritable();
  FlushSoon();
}

void Agent::OnBulkClosed(bool anything_sent) {
  core_.OnBulkClosed(anything_sent);
  FlushSoon();
}

void Agent::OnUnreachable(const std::string& address, const ClientTls& tls) {
  if (unreachable_ != nullptr) unreachable_(address, tls);
}

}  // namespace tutti::agent
