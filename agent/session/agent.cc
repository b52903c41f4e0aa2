#include "agent/session/agent.h"

#include <string>
#include <utility>

namespace tutti::agent {

Agent::Agent(const Parts& parts, LinkSettings settings, IdentitySource identity,
             Unreachable unreachable)
    : link_(std::move(settings), std::move(identity), parts.clock,
            parts.executor, *this),
      relay_(parts.host, parts.executor, link_, parts.runner, parts.spool),
      unreachable_(std::move(unreachable)) {}

void Agent::OnRunnerMessage(runner::v1::RunnerMessage message) {
  relay_.Tell().OnRunnerMessage(std::move(message));
}

void Agent::OnRunnerLost() { relay_.Tell().OnRunnerLost(); }

void Agent::OnAttributesChanged() { relay_.Tell().OnAttributesChanged(); }

void Agent::OnSessionOpened() { relay_.Tell().OnSessionOpened(); }

void Agent::OnSessionMessage(v1::SessionResponse message) {
  relay_.Tell().OnSessionMessage(std::move(message));
}

void Agent::OnSessionWritable() { relay_.Tell().OnSessionWritable(); }

void Agent::OnSessionClosed() { relay_.Tell().OnSessionClosed(); }

void Agent::OnBulkMessage(v1::SendOutputResponse message) {
  relay_.Tell().OnBulkMessage(message);
}

void Agent::OnBulkWritable() { relay_.Tell().OnBulkWritable(); }

void Agent::OnBulkClosed(bool anything_sent) {
  relay_.Tell().OnBulkClosed(anything_sent);
}

void Agent::OnUnreachable(const std::string& address, const ClientTls& tls) {
  if (unreachable_ != nullptr) unreachable_(address, tls);
}

}  // namespace tutti::agent
