#include "agent/runner/processes/keeper.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <variant>

#include "agent/runner/processes/process_table.h"

namespace tutti::runner {
namespace {

// While it kills or freezes it looks again so often for what was forked
// meanwhile.
constexpr int kAgainMilliseconds = 20;

class Keeper {
 public:
  Keeper(int socket, int signals, pid_t main)
      : socket_(socket), signals_(signals), main_(main) {}

  [[noreturn]] void Run() {
    while (true) {
      pollfd waited[] = {{socket_, POLLIN, 0}, {signals_, POLLIN, 0}};
      poll(waited, 2, killing_ || freezing_ ? kAgainMilliseconds : -1);
      if (waited[0].revents != 0) OnCommand();
      if (waited[1].revents != 0) {
        signalfd_siginfo ignored;
        while (read(signals_, &ignored, sizeof ignored) > 0) {
        }
      }
      if (killing_) {
        killing_the_rest_ = main_ended_;
        Signal(SIGKILL);
      } else if (freezing_) {
        Freeze();
      }
      Reap();
    }
  }

 private:
  void OnCommand() {
    KeeperCommand command;
    const ssize_t n = recv(socket_, &command, sizeof command, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) {
      killing_ = true;
      return;
    }
    switch (command.kind) {
      case KeeperCommand::Kind::kSignal:
        Signal(command.number);
        break;
      case KeeperCommand::Kind::kKill:
        killing_ = true;
        break;
      case KeeperCommand::Kind::kFreeze:
        frozen_ = freezing_ = true;
        last_stopped_ = 0;
        break;
      case KeeperCommand::Kind::kThaw:
        Thaw();
        break;
      case KeeperCommand::Kind::kAbandon:
        Thaw();
        _exit(0);
    }
  }

  void Signal(int number) {
    processes_.ForEachDescendant([number](pid_t pid) { kill(pid, number); });
  }

  // Until twice the same processes are found: the second time none of them can
  // have forked since it was stopped.
  void Freeze() {
    uint64_t stopped = 0;
    processes_.ForEachDescendant([&stopped](pid_t pid) {
      kill(pid, SIGSTOP);
      stopped = stopped * 31 + static_cast<uint64_t>(pid);
    });
    freezing_ = stopped != last_stopped_;
    last_stopped_ = stopped;
  }

  void Thaw() {
    // Otherwise what the task itself has stopped would go on.
    if (!frozen_) return;
    frozen_ = freezing_ = false;
    Signal(SIGCONT);
  }

  void Reap() {
    while (true) {
      int status = 0;
      rusage usage = {};
      const pid_t pid = wait4(-1, &status, WNOHANG, &usage);
      if (pid == main_) {
        main_ended_ = true;
        end_.kind = KeeperReport::Kind::kMainEnded;
        end_.value = status;
        end_.usage = usage;
        main_unreported_ = true;
        continue;
      }
      if (pid > 0) {
        if (killing_the_rest_ && WIFSIGNALED(status)) ++killed_;
        continue;
      }
      const bool others_left = !(pid < 0 && errno == ECHILD);
      if (main_unreported_) {
        main_unreported_ = false;
        end_.others_left = others_left;
        send(socket_, &end_, sizeof end_, MSG_NOSIGNAL);
      }
      if (others_left) return;
      KeeperReport empty;
      empty.kind = KeeperReport::Kind::kEmpty;
      empty.value = killed_;
      send(socket_, &empty, sizeof empty, MSG_NOSIGNAL);
      _exit(0);
    }
  }

  const int socket_;
  const int signals_;
  const pid_t main_;
  bool killing_ = false;
  bool frozen_ = false;
  // Some of it may go on still.
  bool freezing_ = false;
  // Stands for the processes that were found last.
  uint64_t last_stopped_ = 0;
  bool main_ended_ = false;
  bool main_unreported_ = false;
  KeeperReport end_;
  // What main left behind is being killed, and `killed_` counts it.
  bool killing_the_rest_ = false;
  int32_t killed_ = 0;
  ProcessTable processes_;
};

// Keeps nothing of the runner's but the socket, which becomes `to`.
void KeepOnly(int socket, int to, int null_device) {
  for (int fd = 0; fd < 3; ++fd) dup2(null_device, fd);
  dup2(socket, to);
  fcntl(to, F_SETFD, FD_CLOEXEC);
  syscall(SYS_close_range, static_cast<unsigned>(to) + 1, UINT_MAX, 0);
}

// Other tasks' input would not end while this one's program is loaded.
void CloseForeign(const ProcessDescriptors& descriptors, int socket) {
  std::array<int, 9> kept = {
      STDERR_FILENO,      descriptors.input,       descriptors.output,
      descriptors.error,  descriptors.message,     descriptors.result,
      descriptors.script, descriptors.null_device, socket};
  std::sort(kept.begin(), kept.end());
  for (size_t i = 0; i < kept.size(); ++i) {
    const auto first = static_cast<unsigned>(kept[i] + 1);
    const unsigned last =
        i + 1 < kept.size() ? static_cast<unsigned>(kept[i + 1]) - 1 : UINT_MAX;
    if (kept[i] >= STDERR_FILENO && first <= last) {
      syscall(SYS_close_range, first, last, 0);
    }
  }
}

}  // namespace

void RunKeeper(const PreparedStart& start,
               const ProcessDescriptors& descriptors, int socket) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  // Raw: a sanitizer's prctl would take a lock for the thread's new name.
  syscall(SYS_prctl, PR_SET_NAME, "tutti-keeper");
  setsid();
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);
  CloseForeign(descriptors, socket);

  KeeperReport report;
  const std::variant<StartedProcess, StartError> started = start.Run();
  if (const auto* error = std::get_if<StartError>(&started)) {
    report.kind = KeeperReport::Kind::kNotStarted;
    report.start_error = *error;
    send(socket, &report, sizeof report, MSG_NOSIGNAL);
    _exit(0);
  }
  send(socket, &report, sizeof report, MSG_NOSIGNAL);
  constexpr int kSocket = 3;
  KeepOnly(socket, kSocket, descriptors.null_device);
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  const int signals = signalfd(-1, &child, SFD_NONBLOCK | SFD_CLOEXEC);
  Keeper(kSocket, signals, std::get<StartedProcess>(started).pid).Run();
}

}  // namespace tutti::runner
