// One agent: its rules and its connections, on an executor.
#ifndef AGENT_SESSION_AGENT_H_
#define AGENT_SESSION_AGENT_H_

#include <functional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "agent/session/controller_link.h"
#include "common/base/executor.h"
#include "common/relay/relay.h"

namespace tutti::agent {

// Joins a relay to its link to the controller. Runner and spool are the
// caller's, so that one process can hold thousands of agents for which
// something else answers. Everything but the constructor runs on the
// executor's thread; destroy it when Stop has called back, after the executor
// has ended.
class Agent final : private ControllerLink::Listener {
 public:
  struct Parts {
    // All must outlive the agent.
    const relay::HostDescription& host;
    const Clock& clock;
    Executor& executor;
    relay::RunnerPort& runner;
    relay::SpoolSource& spool;
  };
  // Called once for each series of failures; may be null.
  using Unreachable =
      absl::AnyInvocable<void(const std::string& address, const ClientTls&)>;

  Agent(const Parts& parts, LinkSettings settings, IdentitySource identity,
        Unreachable unreachable);

  // Dials. Best after the runner's first listing, which the hello tells of.
  void Start() { link_.Start(); }
  void Stop(absl::AnyInvocable<void()> done) { link_.Stop(std::move(done)); }

  void OnRunnerMessage(runner::v1::RunnerMessage message);
  void OnRunnerLost();
  // Of the host's description; the controller is told.
  void OnAttributesChanged();
  bool runner_ready() const { return relay_.runner_ready(); }
  // Those that the controller has not told it to forget.
  size_t attempt_count() const { return relay_.attempt_count(); }

  ControllerLink& link() { return link_; }

 private:
  void OnSessionOpened() override;
  void OnSessionMessage(v1::SessionResponse message) override;
  void OnSessionWritable() override;
  void OnSessionClosed() override;
  void OnBulkMessage(v1::SendOutputResponse message) override;
  void OnBulkWritable() override;
  void OnBulkClosed(bool anything_sent) override;
  void OnUnreachable(const std::string& address, const ClientTls& tls) override;

  ControllerLink link_;
  relay::Relay relay_;
  Unreachable unreachable_;
};

}  // namespace tutti::agent

#endif  // AGENT_SESSION_AGENT_H_
