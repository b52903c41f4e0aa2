// The runner as a whole.
#ifndef AGENT_RUNNER_SERVER_RUNNER_SERVER_H_
#define AGENT_RUNNER_SERVER_RUNNER_SERVER_H_

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/runner/kinds/kind.h"
#include "agent/runner/processes/event_loop.h"
#include "agent/runner/processes/launch.h"
#include "agent/runner/processes/process_launcher.h"
#include "agent/runner/server/agent_connection.h"
#include "agent/runner/server/agent_listener.h"
#include "agent/runner/server/attempt_runner.h"
#include "agent/runner/verification/verifier.h"
#include "common/base/clock.h"
#include "tutti/runner/v1/held_task.pb.h"

namespace tutti::runner {

// Serves agents on its socket until it is told to end. Everything happens on
// the thread that calls Run, but for the ledger's syncing; several may live in
// one process, each with a state directory of its own.
class RunnerServer {
 public:
  struct Options {
    std::string fleet;
    // Name of this target.
    std::string target;
    // Absolute. Holds spool/, ledger/ and, by default, the socket.
    std::string state_directory;
    // Empty: state_directory/runner.sock.
    std::string socket;
    KindSettings kinds;
    LaunchSettings launch;
    uint64_t spool_task_limit = uint64_t{1} << 30;
    uint64_t spool_limit = uint64_t{8} << 30;
    FullSpool full_spool = FullSpool::kBlock;
    absl::Duration retention = absl::Hours(24);
    // The agent's user and group where they are others than the runner's.
    std::optional<uid_t> agent_user;
    std::optional<gid_t> agent_group;
    ProcessLauncher::Containment containment =
        ProcessLauncher::Containment::kAutomatic;
    // Called on threads of the runner's.
    UserDirectory::LookUp look_up_user = LookUpUser;
    // Borrowed: a signalfd. SIGUSR2 means Reexecute, any other signal ShutDown.
    // -1: none.
    int signal_fd = -1;
    // Runs the program anew in place of this one; returns only when that
    // failed. Null: that can not be.
    std::function<absl::Status()> execute;
    // Of the program that was this process before.
    std::optional<v1::Handover> handover;
  };

  // When it returns agents can connect. `verifier` and `clock` must outlive
  // the server.
  static absl::StatusOr<std::unique_ptr<RunnerServer>> Create(
      Options options, Verifier& verifier, const Clock& clock);
  ~RunnerServer();

  // Serves until ShutDown: then ends what still runs (TERM, grace, KILL),
  // records it as STOPPED, and returns.
  void Run();
  // Thread-safe.
  void ShutDown();

 private:
  RunnerServer(Options options, std::unique_ptr<EventLoop> loop,
               FileDescriptor wake);
  absl::Status MakeRunner(Verifier& verifier, const Clock& clock);
  absl::Status Open(Verifier& verifier, const Clock& clock);
  void OnAgent(FileDescriptor socket);
  void OnMessage(AgentConnection& connection, const v1::AgentMessage& message,
                 std::vector<FileDescriptor> descriptors);
  void OnHello(AgentConnection& connection, const v1::Hello& hello);
  void OnStart(AgentConnection& connection, const v1::StartAttempt& start);
  void OnChanged(AttemptId id);
  void OnForgotten(AttemptId id);
  void OnVerdict(const tutti::v1::AttemptVerdict& verdict);
  void OnReturn(AgentConnection& connection, ReturnedTask task);
  void List(AgentConnection& connection);
  void OnSignal();
  void BeginShutDown();
  void BeginReexecution();
  void Reexecute();
  void GoOnAsItIs(std::string_view why);
  void FlushConnections();

  const Options options_;
  const std::unique_ptr<EventLoop> loop_;
  // An eventfd: ShutDown was called.
  const FileDescriptor wake_;
  EventLoop::Watch wake_watch_ = 0;
  EventLoop::Watch signal_watch_ = 0;
  bool ending_ = false;
  // By the steady clock: until then everything has to be settled; infinite: not
  // asked for.
  absl::Duration reexecute_until_ = absl::InfiniteDuration();
  std::unique_ptr<AttemptRunner> runner_;
  std::unique_ptr<AgentListener> listener_;
  std::vector<std::unique_ptr<AgentConnection>> connections_;
  std::vector<const AgentConnection*> closed_;
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_SERVER_RUNNER_SERVER_H_
