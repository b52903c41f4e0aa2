// A program's line to the runner: proto/tutti/runner/v1 over a Unix
// SOCK_SEQPACKET socket.
#ifndef COMMON_RUNNER_CLIENT_RUNNER_CLIENT_H_
#define COMMON_RUNNER_CLIENT_RUNNER_CLIENT_H_

#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "tutti/runner/v1/runner.pb.h"
#include "tutti/v1/envelope.pb.h"
#include "tutti/v1/task.pb.h"

namespace tutti {

// Connects, and connects again for ever (every 200 ms) when the runner goes
// away; meanwhile it holds the runner's running tasks, so that they go on. One
// thread of its own reads; Send calls may come from any thread and queue when
// the socket is full. A runner that lets too much queue up is connected to
// anew. Thread-safe.
class RunnerClient {
 public:
  struct Callbacks {
    // Called on the client's own thread, one at a time, until the destructor
    // returns. They must not block or destroy the client.
    //
    // `on_message` gets Welcome first after each connect, then the listing.
    absl::AnyInvocable<void(runner::v1::RunnerMessage)> on_message;
    // The line is lost; messages that were queued are dropped. Connecting
    // goes on. Also called for the first connect that fails, once.
    absl::AnyInvocable<void(absl::Status)> on_disconnected;
  };

  RunnerClient(std::string socket_path, Callbacks callbacks);
  ~RunnerClient();
  RunnerClient(const RunnerClient&) = delete;
  RunnerClient& operator=(const RunnerClient&) = delete;

  // A large envelope goes as a sealed memory file.
  void Start(runner::v1::StartAttempt start);
  void Stop(const v1::AttemptKey& key, const v1::StopRule& rule);
  // False: it goes on.
  void Suspend(const v1::AttemptKey& key, bool suspend);
  // `chunk`: a serialised v1::SignedInput.
  void GiveInput(const v1::AttemptKey& key, std::string chunk);
  void AcknowledgeOutput(const v1::AttemptKey& key, uint64_t position);
  void Release(const v1::AttemptKey& key);

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace tutti

#endif  // COMMON_RUNNER_CLIENT_RUNNER_CLIENT_H_
