#include "agent/runner/processes/keeper_tree.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "agent/runner/processes/resource_use.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace tutti::runner {
namespace {

// Does nothing for the child of an earlier runner.
void Reap(pid_t pid) {
  if (pid <= 0) return;
  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

StartFailure Failure(int error, std::string_view what) {
  return {error, fmt::format("cannot {}: {}", what, ErrnoText(error))};
}

}  // namespace

std::variant<StartedKeeper, StartFailure> StartKeeper(
    const Launch& launch, const ProcessDescriptors& descriptors) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
    return Failure(errno, "make a socket pair");
  }
  FileDescriptor ours(pair[0]);
  FileDescriptor theirs(pair[1]);
  const PreparedStart start(launch, descriptors);
  const pid_t keeper = fork();
  if (keeper < 0) return Failure(errno, "start a keeper process");
  if (keeper == 0) RunKeeper(start, descriptors, theirs.get());
  theirs.Reset();

  KeeperReport report;
  ssize_t n;
  do {
    n = recv(ours.get(), &report, sizeof report, 0);
  } while (n < 0 && errno == EINTR);
  if (n != static_cast<ssize_t>(sizeof report)) {
    Reap(keeper);
    return StartFailure{ECHILD, "the keeper process ended at once"};
  }
  if (report.kind == KeeperReport::Kind::kNotStarted) {
    Reap(keeper);
    return Explain(launch, report.start_error);
  }
  return StartedKeeper{keeper, std::move(ours)};
}

absl::StatusOr<std::unique_ptr<ProcessTree>> KeeperTree::Watch(
    EventLoop& loop, StartedKeeper keeper, std::string reason,
    ProcessTreeCallbacks callbacks) {
  auto tree = std::unique_ptr<KeeperTree>(new KeeperTree(
      loop, std::move(keeper), std::move(reason), std::move(callbacks)));
  TUTTI_ASSIGN_OR_RETURN(tree->watch_, loop.Add(tree->socket_.get(), EPOLLIN,
                                                [raw = tree.get()](uint32_t) {
                                                  raw->OnReadable();
                                                }));
  return tree;
}

KeeperTree::~KeeperTree() {
  loop_.Remove(watch_);
  if (!socket_.valid()) return;
  socket_.Reset();
  Reap(keeper_);
}

void KeeperTree::Send(KeeperCommand command) {
  if (socket_.valid()) {
    send(socket_.get(), &command, sizeof command, MSG_NOSIGNAL | MSG_DONTWAIT);
  }
}

void KeeperTree::Signal(int number) {
  Send({KeeperCommand::Kind::kSignal, static_cast<uint8_t>(number)});
}

std::string KeeperTree::Freeze() {
  Send({KeeperCommand::Kind::kFreeze});
  return fmt::format(
      "suspended by SIGSTOP, because there is no control group: {}", reason_);
}

void KeeperTree::Abandon() {
  Send({KeeperCommand::Kind::kAbandon});
  ReapKeeper();
}

void KeeperTree::Describe(HeldDescription& held) const {
  v1::HeldKeeper& keeper = *held.task.mutable_keeper();
  keeper.set_line(held.Add(socket_.get()));
  keeper.set_pid(keeper_);
}

void KeeperTree::ReapKeeper() {
  loop_.Remove(watch_);
  socket_.Reset();
  Reap(keeper_);
}

void KeeperTree::OnReadable() {
  KeeperReport report;
  const ssize_t n = recv(socket_.get(), &report, sizeof report, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n != static_cast<ssize_t>(sizeof report)) return OnLost();
  if (report.kind == KeeperReport::Kind::kMainEnded) {
    main_ended_ = true;
    // Without others the keeper ends now, and has nothing more to say.
    if (!report.others_left) ReapKeeper();
    callbacks_.on_main_ended(MakeMainEnd(report.value, report.usage),
                             report.others_left);
  } else if (report.kind == KeeperReport::Kind::kEmpty) {
    ReapKeeper();
    callbacks_.on_empty(static_cast<uint32_t>(report.value));
  }
}

void KeeperTree::OnLost() {
  ReapKeeper();
  if (main_ended_) {
    callbacks_.on_empty(0);
    return;
  }
  MainEnd end;
  end.lost_because = "its keeper process was killed; its exit status is lost";
  callbacks_.on_main_ended(end, false);
}

}  // namespace tutti::runner
