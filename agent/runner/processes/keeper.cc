#include "agent/runner/processes/keeper.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <climits>
#include <cstring>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "common/base/errors.h"
#include "common/text/utf8.h"

namespace tutti::runner {
namespace {

// While it kills it looks again so often for what was forked meanwhile.
constexpr int kKillAgainMilliseconds = 20;

// Parent of `pid` by /proc/PID/stat; 0 when it is gone.
pid_t ParentOf(pid_t pid) {
  const FileDescriptor file(
      open(fmt::format("/proc/{}/stat", pid).c_str(), O_RDONLY | O_CLOEXEC));
  char buffer[512];
  const ssize_t n = read(file.get(), buffer, sizeof buffer);
  if (n <= 0) return 0;
  // "PID (name) S PPID ...", where a name may hold anything.
  std::string_view rest(buffer, static_cast<size_t>(n));
  const size_t name_end = rest.rfind(')');
  if (name_end == std::string_view::npos || rest.size() < name_end + 4) {
    return 0;
  }
  rest.remove_prefix(name_end + 4);
  pid_t parent = 0;
  std::from_chars(rest.data(), rest.data() + rest.size(), parent);
  return parent;
}

std::unordered_map<pid_t, pid_t> ParentsOfAll() {
  std::unordered_map<pid_t, pid_t> parents;
  DIR* directory = opendir("/proc");
  if (directory == nullptr) return parents;
  while (const dirent* entry = readdir(directory)) {
    const std::string_view name = entry->d_name;
    pid_t pid = 0;
    const auto [end, error] =
        std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error == std::errc() && end == name.data() + name.size()) {
      parents[pid] = ParentOf(pid);
    }
  }
  closedir(directory);
  return parents;
}

std::vector<pid_t> Descendants() {
  const std::unordered_map<pid_t, pid_t> parents = ParentsOfAll();
  const pid_t self = getpid();
  std::vector<pid_t> descendants;
  for (const auto& [pid, parent] : parents) {
    pid_t ancestor = parent;
    // The tree may have changed while it was read: bounded.
    for (size_t i = 0; ancestor > 1 && ancestor != self && i < parents.size();
         ++i) {
      const auto next = parents.find(ancestor);
      ancestor = next == parents.end() ? 0 : next->second;
    }
    if (ancestor == self) descendants.push_back(pid);
  }
  return descendants;
}

class Keeper {
 public:
  Keeper(int socket, int signals, pid_t main)
      : socket_(socket), signals_(signals), main_(main) {}

  [[noreturn]] void Run() {
    while (true) {
      pollfd waited[] = {{socket_, POLLIN, 0}, {signals_, POLLIN, 0}};
      poll(waited, 2, killing_ ? kKillAgainMilliseconds : -1);
      if (waited[0].revents != 0) OnCommand();
      if (waited[1].revents != 0) {
        signalfd_siginfo ignored;
        while (read(signals_, &ignored, sizeof ignored) > 0) {
        }
      }
      if (killing_) KillAll();
      Reap();
    }
  }

 private:
  void OnCommand() {
    char command = 0;
    const ssize_t n = recv(socket_, &command, 1, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) {
      killing_ = true;
      return;
    }
    switch (static_cast<KeeperCommand>(command)) {
      case KeeperCommand::kTerminate:
        for (pid_t pid : Descendants()) kill(pid, SIGTERM);
        break;
      case KeeperCommand::kKill:
        killing_ = true;
        break;
      case KeeperCommand::kAbandon:
        _exit(0);
    }
  }

  void KillAll() {
    for (pid_t pid : Descendants()) {
      if (kill(pid, SIGKILL) == 0 && main_ended_) killed_.insert(pid);
    }
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
      if (pid > 0) continue;
      const bool others_left = !(pid < 0 && errno == ECHILD);
      if (main_unreported_) {
        main_unreported_ = false;
        end_.others_left = others_left;
        send(socket_, &end_, sizeof end_, MSG_NOSIGNAL);
      }
      if (others_left) return;
      KeeperReport empty;
      empty.kind = KeeperReport::Kind::kEmpty;
      empty.value = static_cast<int32_t>(killed_.size());
      send(socket_, &empty, sizeof empty, MSG_NOSIGNAL);
      _exit(0);
    }
  }

  const int socket_;
  const int signals_;
  const pid_t main_;
  bool killing_ = false;
  bool main_ended_ = false;
  bool main_unreported_ = false;
  KeeperReport end_;
  // Each is met again until it is gone.
  std::set<pid_t> killed_;
};

// Keeps nothing of the runner's but the socket, which becomes `to`.
void KeepOnly(int socket, int to, const ProcessDescriptors& descriptors) {
  for (int fd = 0; fd < 3; ++fd) dup2(descriptors.input, fd);
  dup2(socket, to);
  fcntl(to, F_SETFD, FD_CLOEXEC);
  syscall(SYS_close_range, static_cast<unsigned>(to) + 1, UINT_MAX, 0);
}

}  // namespace

void RunKeeper(const Launch& launch, const ProcessDescriptors& descriptors,
               int socket) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  prctl(PR_SET_NAME, "tutti-keeper");
  setsid();
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);

  KeeperReport report;
  const std::variant<StartedProcess, StartFailure> started =
      StartProcess(launch, descriptors);
  if (const auto* failure = std::get_if<StartFailure>(&started)) {
    report.kind = KeeperReport::Kind::kNotStarted;
    report.value = failure->error;
    ClipToUtf8(failure->reason, sizeof report.reason - 1)
        .copy(report.reason, sizeof report.reason - 1);
    send(socket, &report, sizeof report, MSG_NOSIGNAL);
    _exit(0);
  }
  send(socket, &report, sizeof report, MSG_NOSIGNAL);
  constexpr int kSocket = 3;
  KeepOnly(socket, kSocket, descriptors);
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  const int signals = signalfd(-1, &child, SFD_NONBLOCK | SFD_CLOEXEC);
  Keeper(kSocket, signals, std::get<StartedProcess>(started).pid).Run();
}

}  // namespace tutti::runner
