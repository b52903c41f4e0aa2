// An agent's connections to the controller.
#ifndef AGENT_SESSION_CONTROLLER_LINK_H_
#define AGENT_SESSION_CONTROLLER_LINK_H_

#include <grpcpp/channel.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/session/backoff.h"
#include "agent/session/stream.h"
#include "common/base/clock.h"
#include "common/base/executor.h"
#include "common/relay/ports.h"
#include "common/transport/transport.h"
#include "tutti/v1/agents.grpc.pb.h"

namespace tutti::agent {

struct LinkSettings {
  // "host:port", tried in turn; at least one.
  std::vector<std::string> controllers;
  absl::Duration first_backoff = absl::Milliseconds(200);
  absl::Duration longest_backoff = absl::Seconds(30);
  // A session that lived so long was a success.
  absl::Duration stable_after = absl::Seconds(10);
  // When the controller refuses us, or we have nothing valid to show.
  absl::Duration refused_backoff = absl::Minutes(1);
  absl::Duration connect_timeout = absl::Seconds(10);
  absl::Duration welcome_timeout = absl::Seconds(30);
};

// Who the agent is, asked for before each connection; called on the
// executor's thread.
using IdentitySource = absl::AnyInvocable<absl::StatusOr<ClientTls>()>;

// Keeps one session with one controller, and the stream for bulk output
// within it; dials again for ever. A channel is made for each attempt, so the
// waiting between attempts is here and not in gRPC, and a renewed certificate
// is used by the next connection. Everything but the constructor runs on the
// executor's thread. Destroy it when Stop has called back, or after the
// executor has ended.
class ControllerLink final
    : public relay::ControllerPort,
      private Stream<v1::SessionRequest, v1::SessionResponse>::Listener,
      private Stream<v1::SendOutputRequest, v1::SendOutputResponse>::Listener {
 public:
  // The agent's side. Called on the executor's thread.
  class Listener {
   public:
    virtual ~Listener() = default;
    // SendHello is due.
    virtual void OnSessionOpened() = 0;
    virtual void OnSessionMessage(v1::SessionResponse message) = 0;
    virtual void OnSessionWritable() = 0;
    virtual void OnSessionClosed() = 0;
    virtual void OnBulkMessage(v1::SendOutputResponse message) = 0;
    virtual void OnBulkWritable() = 0;
    virtual void OnBulkClosed(bool anything_sent) = 0;
    // A controller can't be reached; once for each reason in a series of
    // failures. For telling people why, which takes longer than this call may.
    virtual void OnUnreachable(const std::string& address,
                               const ClientTls& tls) = 0;
  };

  // `clock` tells whether certificates are valid.
  ControllerLink(LinkSettings settings, IdentitySource identity,
                 const Clock& clock, Executor& executor, Listener& listener);

  void Start();
  // Ends everything; `done` is called when the last stream is gone.
  void Stop(absl::AnyInvocable<void()> done);
  // For the next connection.
  void SetControllers(std::vector<std::string> controllers);
  // Channel of the session; null when there is none.
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  bool welcomed() const { return welcomed_; }

  // relay::ControllerPort.
  void SendHello(v1::AgentHello hello) override;
  bool SendReport(v1::AgentReport report) override;
  void RestartSession(const absl::Status& why) override;
  void OpenBulk() override;
  bool SendOutput(v1::SendOutputRequest request) override;
  void CloseBulk() override;

 private:
  using SessionStream = Stream<v1::SessionRequest, v1::SessionResponse>;
  using BulkStream = Stream<v1::SendOutputRequest, v1::SendOutputResponse>;

  void OnStreamMessage(SessionStream& stream,
                       v1::SessionResponse message) override;
  void OnStreamWritable(SessionStream& stream) override;
  void OnStreamClosed(SessionStream& stream,
                      const absl::Status& status) override;
  void OnStreamMessage(BulkStream& stream,
                       v1::SendOutputResponse message) override;
  void OnStreamWritable(BulkStream& stream) override;
  void OnStreamClosed(BulkStream& stream, const absl::Status& status) override;

  void Dial();
  void DialAfter(absl::Duration delay);
  absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel();
  void AbandonBulk();
  void FinishIfStopped();
  // Has it explained why the controller can not be reached; false when nobody
  // can tell.
  bool Explain(const std::string& reason);
  void LogOnce(const std::string& text);
  absl::Duration AfterFailure(const absl::Status& status);

  LinkSettings settings_;
  IdentitySource identity_;
  const Clock& clock_;
  Executor& executor_;
  Listener& listener_;

  SteadyClock steady_clock_;
  Backoff backoff_;
  size_t next_controller_ = 0;
  std::string address_;
  std::shared_ptr<grpc::Channel> channel_;
  SessionStream* session_ = nullptr;
  BulkStream* bulk_ = nullptr;
  std::vector<BulkStream*> half_closed_;
  // Streams that were not reported closed, abandoned ones included.
  int streams_ = 0;
  // Counts sessions, so that a timer knows whether it is still meant.
  uint64_t session_number_ = 0;
  bool welcomed_ = false;
  absl::Time welcomed_at_;
  absl::Status restart_reason_;
  // Last line that was logged about a failure.
  std::string logged_;
  // By controller, what gRPC said of the failure that people were told.
  std::map<std::string, std::string> explained_;
  bool stopping_ = false;
  absl::AnyInvocable<void()> stopped_;
};

}  // namespace tutti::agent

#endif  // AGENT_SESSION_CONTROLLER_LINK_H_
