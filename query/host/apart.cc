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
#include <string>
#include <vector>

#include "common/base/errors.h"
#include "common/base/file_descriptor.h"
#include "common/base/status_macros.h"

namespace tutti::query {
namespace {

// A message is a piece, or at the end the status: a letter, for a status the
// number of its code, and then bytes.
constexpr char kPieceMessage = 'p', kStatusMessage = 's';
constexpr size_t kMostOfPiece = 64 << 10;

absl::Status SendMessage(int socket, std::string message) {
  while (send(socket, message.data(), message.size(), MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) return SystemError(errno, "hand over what was read");
  }
  return absl::OkStatus();
}

// Never returns. Nobody waits for descriptors that it holds.
[[noreturn]] void BeChild(int socket, const Work& work) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
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
    kill(pid_, SIGKILL);
    // Even closing a file may wait for its server.
    const FileDescriptor pidfd(
        static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
    pollfd wait = {pidfd.get(), POLLIN, 0};
    if (pidfd.valid()) {
      poll(&wait, 1, static_cast<int>(absl::ToInt64Milliseconds(patience_)));
    }
    waitpid(pid_, nullptr, WNOHANG);
  }

 private:
  const pid_t pid_;
  const absl::Duration patience_;
};

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

absl::Status ReceiveAll(int socket, const Take& take, absl::Duration patience) {
  std::vector<char> buffer(kMostOfPiece + 2);
  while (true) {
    TUTTI_ASSIGN_OR_RETURN(const std::string_view message,
                           ReceiveMessage(socket, patience, buffer));
    if (message.empty()) {
      return Unavailable("the process that reads for the query is gone");
    }
    if (message[0] == kPieceMessage) {
      TUTTI_RETURN_IF_ERROR(take(message.substr(1)));
      continue;
    }
    const std::string_view text = message.substr(2);
    return absl::Status(static_cast<absl::StatusCode>(message[1]),
                        {text.data(), text.size()});
  }
}

}  // namespace

absl::Status RunApart(const Work& work, const Take& take,
                      absl::Duration patience) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return SystemError(errno, "make a socket");
  }
  const FileDescriptor ours(ends[0]);
  FileDescriptor theirs(ends[1]);
  const pid_t pid = fork();
  if (pid < 0) return SystemError(errno, "make a process to read with");
  if (pid == 0) BeChild(theirs.get(), work);
  theirs.Reset();
  const ChildApart child(pid, patience);
  return ReceiveAll(ours.get(), take, patience);
}

}  // namespace tutti::query
