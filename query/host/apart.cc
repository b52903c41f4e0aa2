#include "query/host/apart.h"

#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/errors.h"
#include "common/base/file_descriptor.h"
#include "common/base/status_macros.h"

namespace tutti::query {
namespace {

// A message is a piece, or at the end the status: a letter, for a status the
// number of its code, and then bytes. A letter alone: there is no memory left.
constexpr char kPieceMessage = 'p', kStatusMessage = 's', kMemoryMessage = 'm';

absl::Status SendMessage(int socket, std::string message) {
  while (send(socket, message.data(), message.size(), MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) return SystemError(errno, "hand over what was read");
  }
  return absl::OkStatus();
}

// Of the child; a handler has no argument.
int socket_of_child = -1;

// The last words of this program would go to a descriptor that is closed: the
// parent says what became of its child.
void LeaveLimitsToParent(int socket) {
  signal(SIGXCPU, SIG_DFL);
  socket_of_child = socket;
  std::set_new_handler([] {
    // Without it the parent says that the child is gone.
    [[maybe_unused]] const ssize_t sent =
        send(socket_of_child, &kMemoryMessage, 1, MSG_NOSIGNAL);
    _exit(1);
  });
}

// Never returns. Nobody waits for descriptors that it holds.
[[noreturn]] void BeChild(int socket, const Work& work) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  LeaveLimitsToParent(socket);
  const auto own = static_cast<unsigned int>(socket);
  if (own > 0) syscall(SYS_close_range, 0, own - 1, 0);
  syscall(SYS_close_range, own + 1, std::numeric_limits<unsigned int>::max(),
          0);
  const absl::Status status = work([socket](std::string_view bytes) {
    while (!bytes.empty()) {
      const std::string_view piece = bytes.substr(0, kMostOfPiece);
      TUTTI_RETURN_IF_ERROR(
          SendMessage(socket, kPieceMessage + std::string(piece)));
      bytes.remove_prefix(piece.size());
    }
    return absl::OkStatus();
  });
  // Without it the parent says that the child is gone.
  SendMessage(socket, fmt::format("{}{}{}", kStatusMessage,
                                  static_cast<char>(status.code()),
                                  TextOf(status).substr(0, kMostOfPiece)))
      .IgnoreError();
  _exit(0);
}

// A child that is killed and, if it dies in time, reaped.
class ChildApart {
 public:
  ChildApart(pid_t pid, absl::Duration patience)
      : pid_(pid), patience_(patience) {}
  ChildApart(const ChildApart&) = delete;
  ChildApart& operator=(const ChildApart&) = delete;
  ~ChildApart() {
    if (reaped_) return;
    kill(pid_, SIGKILL);
    Wait();
  }

  // Why it ended without a word.
  std::string WhyGone() {
    const std::optional<int> status = Wait();
    if (!status.has_value()) return "nobody knows why";
    if (!WIFSIGNALED(*status)) {
      return fmt::format("it ended with status {}", WEXITSTATUS(*status));
    }
    return WTERMSIG(*status) == SIGXCPU
               ? "it used up its processor time; ask for less, or raise "
                 "query_cpu_limit in runner.yaml"
               : fmt::format("it was ended by signal {}", WTERMSIG(*status));
  }

 private:
  // Its status (waitpid(2)), if it ends in time: even closing a file may wait
  // for its server.
  std::optional<int> Wait() {
    const FileDescriptor pidfd(
        static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
    pollfd wait = {pidfd.get(), POLLIN, 0};
    if (pidfd.valid()) {
      poll(&wait, 1, static_cast<int>(absl::ToInt64Milliseconds(patience_)));
    }
    int status = 0;
    reaped_ = waitpid(pid_, &status, WNOHANG) == pid_;
    return reaped_ ? std::optional(status) : std::nullopt;
  }

  const pid_t pid_;
  const absl::Duration patience_;
  bool reaped_ = false;
};

ApartResult Failed(absl::Status status) {
  return {ApartEnd::kFailed, std::move(status)};
}

ApartResult ChildGone(std::string_view why) {
  return Failed(
      Internal("the process that reads for the query is gone: {}", why));
}

// The next message; empty: there is none any more.
absl::StatusOr<std::string_view> ReceiveMessage(int socket,
                                                absl::Duration patience,
                                                std::vector<char>& buffer) {
  while (true) {
    pollfd wait = {socket, POLLIN, 0};
    const int ready =
        poll(&wait, 1, static_cast<int>(absl::ToInt64Milliseconds(patience)));
    if (ready == 0) return absl::DeadlineExceededError("nothing came");
    if (ready < 0 && errno == EINTR) continue;
    const ssize_t size = recv(socket, buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return SystemError(errno, "take what was read");
    return std::string_view(buffer.data(), static_cast<size_t>(size));
  }
}

ApartResult ReceiveAll(int socket, const Take& take, absl::Duration patience,
                       ChildApart& child) {
  std::vector<char> buffer(kMostOfPiece + 2);
  while (true) {
    const absl::StatusOr<std::string_view> message =
        ReceiveMessage(socket, patience, buffer);
    if (absl::IsDeadlineExceeded(message.status())) {
      return {ApartEnd::kSilent, message.status()};
    }
    if (!message.ok()) return Failed(message.status());
    if (message->empty()) return ChildGone(child.WhyGone());
    switch (message->front()) {
      case kPieceMessage:
        if (absl::Status taken = take(message->substr(1)); !taken.ok()) {
          return {ApartEnd::kDone, std::move(taken)};
        }
        break;
      case kMemoryMessage:
        return ChildGone(
            "it needs more memory than its limit; ask for less, or raise "
            "query_memory_limit in runner.yaml");
      default: {
        const std::string_view text = message->substr(2);
        return {ApartEnd::kDone,
                absl::Status(static_cast<absl::StatusCode>((*message)[1]),
                             {text.data(), text.size()})};
      }
    }
  }
}

}  // namespace

ApartResult RunApart(const Work& work, const Take& take,
                     absl::Duration patience) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return Failed(SystemError(errno, "make a socket"));
  }
  const FileDescriptor ours(ends[0]);
  FileDescriptor theirs(ends[1]);
  const pid_t pid = fork();
  if (pid < 0) return Failed(SystemError(errno, "make a process to read with"));
  if (pid == 0) BeChild(theirs.get(), work);
  theirs.Reset();
  ChildApart child(pid, patience);
  return ReceiveAll(ours.get(), take, patience, child);
}

}  // namespace tutti::query
