#include "agent/runner/server/runner_server.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <utility>

#include "agent/runner/ledger/ledger.h"
#include "agent/runner/server/reexecution.h"
#include "agent/runner/spool/spool_folder.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/runner_client/runner_protocol.h"

namespace tutti::runner {
namespace {

// How long starts and ends that are under way may hold up a re-execution, and
// how often it is looked whether they still do.
constexpr absl::Duration kSettleWithin = absl::Seconds(15);
constexpr absl::Duration kSettlePoll = absl::Milliseconds(10);

// One group for each runner of a host, the same again after a restart.
absl::StatusOr<std::string> CgroupName(const std::string& state_directory) {
  struct stat info;
  if (stat(state_directory.c_str(), &info) != 0) {
    return SystemError(errno, fmt::format("look at {}", state_directory));
  }
  return fmt::format("tutti-{:x}-{:x}", info.st_dev, info.st_ino);
}

}  // namespace

absl::StatusOr<std::unique_ptr<RunnerServer>> RunnerServer::Create(
    Options options, Verifier& verifier, const Clock& clock) {
  if (options.socket.empty()) {
    options.socket = options.state_directory + "/runner.sock";
  }
  TUTTI_ASSIGN_OR_RETURN(std::unique_ptr<EventLoop> loop, EventLoop::Create());
  FileDescriptor wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake.valid()) return SystemError(errno, "make an eventfd");
  auto server = std::unique_ptr<RunnerServer>(
      new RunnerServer(std::move(options), std::move(loop), std::move(wake)));
  TUTTI_RETURN_IF_ERROR(server->Open(verifier, clock));
  return server;
}

RunnerServer::RunnerServer(Options options, std::unique_ptr<EventLoop> loop,
                           FileDescriptor wake)
    : options_(std::move(options)),
      loop_(std::move(loop)),
      wake_(std::move(wake)) {}

RunnerServer::~RunnerServer() = default;

absl::Status RunnerServer::MakeRunner(Verifier& verifier, const Clock& clock) {
  const std::string& state = options_.state_directory;
  TUTTI_RETURN_IF_ERROR(MakeDirectories(state, 0755));
  TUTTI_RETURN_IF_ERROR(MakeDirectories(state + "/ledger", 0700));
  TUTTI_ASSIGN_OR_RETURN(std::unique_ptr<Ledger> ledger,
                         Ledger::Open(state + "/ledger/attempts", clock.Now()));
  TUTTI_ASSIGN_OR_RETURN(
      std::unique_ptr<SpoolFolder> spool,
      SpoolFolder::Open({.path = state + "/spool",
                         .task_limit = options_.spool_task_limit,
                         .total_limit = options_.spool_limit,
                         .when_full = options_.full_spool,
                         .retention = options_.retention,
                         .reader_group = options_.agent_group}));
  TUTTI_ASSIGN_OR_RETURN(const std::string cgroup_name, CgroupName(state));
  TUTTI_ASSIGN_OR_RETURN(
      std::unique_ptr<ProcessLauncher> launcher,
      ProcessLauncher::Create(*loop_, cgroup_name, options_.containment));
  TUTTI_ASSIGN_OR_RETURN(std::unique_ptr<UserDirectory> users,
                         UserDirectory::Create(*loop_, options_.look_up_user));
  TUTTI_ASSIGN_OR_RETURN(
      runner_, AttemptRunner::Create(
                   {.kinds = options_.kinds,
                    .launch = options_.launch,
                    .on_changed = [this](AttemptId id) { OnChanged(id); },
                    .on_forgotten = [this](AttemptId id) { OnForgotten(id); },
                    .on_verdict =
                        [this](const tutti::v1::AttemptVerdict& verdict) {
                          OnVerdict(verdict);
                        }},
                   {.loop = *loop_,
                    .verifier = verifier,
                    .clock = clock,
                    .ledger = std::move(ledger),
                    .spool = std::move(spool),
                    .launcher = std::move(launcher),
                    .users = std::move(users)}));
  return absl::OkStatus();
}

absl::Status RunnerServer::Open(Verifier& verifier, const Clock& clock) {
  TUTTI_RETURN_IF_ERROR(MakeRunner(verifier, clock));
  TUTTI_ASSIGN_OR_RETURN(
      wake_watch_,
      loop_->Add(wake_.get(), EPOLLIN, [this](uint32_t) { BeginShutDown(); }));
  if (options_.handover) runner_->TakeOver(*options_.handover);
  if (options_.signal_fd >= 0) {
    TUTTI_ASSIGN_OR_RETURN(signal_watch_,
                           loop_->Add(options_.signal_fd, EPOLLIN,
                                      [this](uint32_t) { OnSignal(); }));
  }
  TUTTI_ASSIGN_OR_RETURN(
      listener_, AgentListener::Listen(*loop_,
                                       {.path = options_.socket,
                                        .agent_user = options_.agent_user,
                                        .agent_group = options_.agent_group},
                                       [this](FileDescriptor socket) {
                                         OnAgent(std::move(socket));
                                       }));
  return absl::OkStatus();
}

void RunnerServer::ShutDown() {
  const uint64_t one = 1;
  // Can not fail: the counter does not come near its limit.
  [[maybe_unused]] const ssize_t n = write(wake_.get(), &one, sizeof one);
}

void RunnerServer::OnSignal() {
  signalfd_siginfo signal;
  if (read(options_.signal_fd, &signal, sizeof signal) !=
      static_cast<ssize_t>(sizeof signal)) {
    return;
  }
  if (signal.ssi_signo == SIGUSR2) return BeginReexecution();
  BeginShutDown();
}

void RunnerServer::BeginReexecution() {
  if (options_.execute == nullptr) return;
  reexecute_until_ = runner_->Now().steady + kSettleWithin;
}

void RunnerServer::Reexecute() {
  reexecute_until_ = absl::InfiniteDuration();
  const v1::Handover handover = runner_->MakeHandover();
  log::Info("executes itself anew with {} tasks that run",
            handover.tasks_size());
  const absl::Status status = HandOver(handover, options_.execute);
  GoOnAsItIs(TextOf(status));
}

void RunnerServer::GoOnAsItIs(std::string_view why) {
  reexecute_until_ = absl::InfiniteDuration();
  log::Error("cannot execute itself anew: {}; it goes on as it is", why);
  // What agents asked for meanwhile was not taken: they ask again.
  connections_.clear();
  closed_.clear();
}

void RunnerServer::BeginShutDown() {
  ending_ = true;
  reexecute_until_ = absl::InfiniteDuration();
  loop_->Remove(wake_watch_);
  loop_->Remove(signal_watch_);
  listener_.reset();
  runner_->ShutDown();
}

void RunnerServer::Run() {
  while (true) {
    const absl::Duration wait = runner_->Work();
    FlushConnections();
    if (ending_ && runner_->table().unfinished() == 0) break;
    if (reexecute_until_ == absl::InfiniteDuration()) {
      loop_->RunOnce(wait);
    } else if (runner_->IsSettled()) {
      Reexecute();
    } else if (runner_->Now().steady > reexecute_until_) {
      GoOnAsItIs("a task that is being started or ended takes too long");
    } else {
      loop_->RunOnce(std::min(wait, kSettlePoll));
    }
  }
  connections_.clear();
}

void RunnerServer::FlushConnections() {
  for (const auto& connection : connections_) connection->Flush();
  if (closed_.empty()) return;
  std::erase_if(connections_, [this](const auto& connection) {
    return std::find(closed_.begin(), closed_.end(), connection.get()) !=
           closed_.end();
  });
  closed_.clear();
}

void RunnerServer::OnAgent(FileDescriptor socket) {
  // The callbacks need the connection, which needs the callbacks.
  auto holder = std::make_shared<AgentConnection*>(nullptr);
  absl::StatusOr<std::unique_ptr<AgentConnection>> connection =
      AgentConnection::Create(
          *loop_, std::move(socket),
          {.on_message =
               [this, holder](const v1::AgentMessage& message,
                              std::vector<FileDescriptor> descriptors) {
                 OnMessage(**holder, message, std::move(descriptors));
               },
           .state_of = [this](AttemptId id) { return runner_->StateOf(id); },
           .held_of =
               [this](AttemptId id) { return runner_->DescribeForOthers(id); },
           .on_closed = [this, holder] { closed_.push_back(*holder); }});
  if (!connection.ok()) {
    log::Error("{}", TextOf(connection.status()));
    return;
  }
  *holder = connection->get();
  connections_.push_back(*std::move(connection));
}

void RunnerServer::OnMessage(AgentConnection& connection,
                             const v1::AgentMessage& message,
                             std::vector<FileDescriptor> descriptors) {
  switch (message.message_case()) {
    case v1::AgentMessage::kHello:
      return OnHello(connection, message.hello());
    case v1::AgentMessage::kStart:
      return OnStart(connection, message.start());
    case v1::AgentMessage::kStop:
      return runner_->Stop(message.stop().key(), message.stop().rule());
    case v1::AgentMessage::kSuspend:
      return runner_->Suspend(message.suspend().key(),
                              message.suspend().suspend());
    case v1::AgentMessage::kGiveInput:
      return runner_->GiveInput(message.give_input().key(),
                                message.give_input().chunk());
    case v1::AgentMessage::kAcknowledgeOutput:
      return runner_->Acknowledge(message.acknowledge_output().key(),
                                  message.acknowledge_output().position());
    case v1::AgentMessage::kRelease:
      return runner_->Release(message.release().key());
    case v1::AgentMessage::kReturnTask:
      return OnReturn(connection, {.task = message.return_task().task(),
                                   .descriptors = std::move(descriptors)});
    case v1::AgentMessage::MESSAGE_NOT_SET:
      log::Warning("an agent sent a message that this runner does not know");
  }
}

void RunnerServer::OnHello(AgentConnection& connection,
                           const v1::Hello& hello) {
  if (hello.version() != kRunnerProtocolVersion) {
    log::Warning("an agent speaks version {} of the protocol, this runner {}",
                 hello.version(), kRunnerProtocolVersion);
  }
  connection.set_returns_awaited(hello.returned_tasks());
  if (hello.returned_tasks() == 0) List(connection);
}

void RunnerServer::OnReturn(AgentConnection& connection, ReturnedTask task) {
  runner_->TakeUp(std::move(task));
  if (connection.returns_awaited() == 0) return;
  connection.set_returns_awaited(connection.returns_awaited() - 1);
  if (connection.returns_awaited() == 0) List(connection);
}

void RunnerServer::List(AgentConnection& connection) {
  // There is one agent, and it has returned what it held.
  runner_->EndAwaiting();
  v1::RunnerMessage message;
  v1::Welcome& welcome = *message.mutable_welcome();
  welcome.set_version(kRunnerProtocolVersion);
  welcome.set_fleet(options_.fleet);
  welcome.set_target(options_.target);
  welcome.set_spool_directory(options_.state_directory + "/spool");
  connection.Queue(message);
  for (const AttemptId id : runner_->table().All()) {
    connection.QueueStateOf(id);
  }
  message.mutable_listing_complete();
  connection.Queue(message);
  connection.set_greeted();
}

void RunnerServer::OnStart(AgentConnection& connection,
                           const v1::StartAttempt& start) {
  // It asks again when its line to this runner has ended, which it is about to.
  if (reexecute_until_ != absl::InfiniteDuration()) return;
  if (start.check_only()) return runner_->Check(start);
  const AttemptRunner::Known known = runner_->Start(start);
  if (known.id.has_value()) connection.QueueStateOf(*known.id);
  if (known.state.has_value()) {
    v1::RunnerMessage message;
    *message.mutable_state() = *known.state;
    connection.Queue(message);
  }
}

void RunnerServer::OnChanged(AttemptId id) {
  for (const auto& connection : connections_) {
    if (connection->greeted()) connection->QueueStateOf(id);
  }
}

void RunnerServer::OnForgotten(AttemptId id) {
  for (const auto& connection : connections_) connection->Forget(id);
}

void RunnerServer::OnVerdict(const tutti::v1::AttemptVerdict& verdict) {
  v1::RunnerMessage message;
  *message.mutable_verdict() = verdict;
  // Whoever did not ask ignores it.
  for (const auto& connection : connections_) {
    if (connection->greeted()) connection->Queue(message);
  }
}

}  // namespace tutti::runner
