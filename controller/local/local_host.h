// The controller's own host as a target.
#ifndef CONTROLLER_LOCAL_LOCAL_HOST_H_
#define CONTROLLER_LOCAL_LOCAL_HOST_H_

#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "common/base/executor.h"
#include "common/relay/relay.h"
#include "common/relay/runner_line.h"
#include "controller/core_thread/core_thread.h"
#include "controller/local/local_session.h"
#include "controller/sessions/session_table.h"

namespace tutti::controller {

// Carries local jobs between the core and a runner on this host, as an agent
// would, but without a network and without an agent: to the core it is the
// agent kLocalTarget, online while the runner is there. Has a thread of its
// own. Public methods are thread-safe.
class LocalHost final : private relay::ControllerPort,
                        private LocalSession::Listener {
 public:
  struct Options {
    // Of the runner.
    std::string socket;
    std::string fleet;
  };
  // Connects. What it is given must outlive it, and the core thread must have
  // been stopped before it goes.
  LocalHost(Options options, CoreThread& core_thread, SessionTable& sessions);
  ~LocalHost() override;
  LocalHost(const LocalHost&) = delete;
  LocalHost& operator=(const LocalHost&) = delete;

  // Ends the session, and opens none any more: the controller shuts down.
  void Drain();

 private:
  // --- on the executor's thread ---
  void OnRunnerMessage(runner::v1::RunnerMessage message);
  void OnRunnerLost(const absl::Status& why);
  // Where there is none and there may be one.
  void OpenSession();
  void CloseSession();

  // relay::ControllerPort.
  void SendHello(v1::AgentHello hello) override;
  bool SendReport(v1::AgentReport report) override;
  void RestartSession(const absl::Status& why) override;
  void OpenBulk() override {}
  bool SendOutput(v1::SendOutputRequest request) override;
  void CloseBulk() override {}

  // LocalSession::Listener.
  void OnSessionMessage(v1::SessionResponse message) override;
  void OnCredit(const v1::SendOutputResponse& message) override;
  void OnReportsWritable() override;
  void OnOutputWritable() override;
  void OnEnded(const absl::Status& why) override;

  CoreThread& core_thread_;
  SessionTable& sessions_;
  const relay::HostDescription host_;
  Executor executor_;
  relay::RunnerLine runner_;
  relay::Relay relay_;
  // The executor's own. Null while the runner is away.
  std::shared_ptr<LocalSession> session_;
  bool draining_ = false;
  // A session has just ended; the next one waits for its time.
  bool reopening_ = false;

  // Last: it uses everything above.
  std::thread thread_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_LOCAL_LOCAL_HOST_H_
