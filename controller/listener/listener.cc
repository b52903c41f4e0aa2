#include "controller/listener/listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace tutti::controller {
namespace {

// A handshake costs about 2 ms of CPU, so that many are done in well under
// the time that a client waits for its own.
constexpr size_t kHandshakesAtOnce = 256;
constexpr absl::Duration kHandshakePatience = absl::Seconds(5);
// While that many go on, connections are still taken at this pace: whoever
// holds them up must not keep others out.
constexpr absl::Duration kPaceAtLimit = absl::Milliseconds(10);
// Until descriptors are looked for again.
constexpr absl::Duration kPauseWithoutDescriptors = absl::Milliseconds(100);
// Descriptors for the journal, certificates and what else the program opens.
constexpr rlim_t kReservedDescriptors = 64;

int FirstReservedDescriptor() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  const rlim_t reserved = std::min(kReservedDescriptors, limit.rlim_cur / 4);
  return static_cast<int>(std::min<rlim_t>(limit.rlim_cur - reserved, 1 << 30));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listener::Bind(
    const std::vector<std::string>& addresses) {
  TUTTI_ASSIGN_OR_RETURN(std::vector<ListenSocket> sockets,
                         BindListenSockets(addresses));
  if (sockets.empty()) {
    return InvalidArgument(
        "there is no address to listen on; add one to 'listen', as in "
        "[::]:7117");
  }
  FileDescriptor wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake.valid()) return SystemError(errno, "make an eventfd");
  return absl::WrapUnique(new Listener(std::move(sockets), std::move(wake)));
}

Listener::Listener(std::vector<ListenSocket> sockets, FileDescriptor wake)
    : port_(sockets.front().port),
      wake_(std::move(wake)),
      handshakes_(kHandshakesAtOnce, kHandshakePatience),
      sockets_(std::move(sockets)) {
  for (const ListenSocket& socket : sockets_) {
    addresses_.push_back(socket.address);
  }
}

Listener::~Listener() { Stop(); }

void Listener::Start(HandOver hand_over) {
  hand_over_ = std::move(hand_over);
  reserved_from_ = FirstReservedDescriptor();
  thread_ = std::thread([this] { Run(); });
}

void Listener::Stop() {
  stopping_ = true;
  Wake();
  if (thread_.joinable()) thread_.join();
  sockets_.clear();
}

void Listener::OnHandshakeDone() {
  handshakes_.End();
  if (waiting_) Wake();
}

void Listener::Run() {
  std::vector<pollfd> none;
  while (!stopping_) {
    if (handshakes_.IsReached(absl::Now())) {
      waiting_ = true;
      Wait(none, kPaceAtLimit);
      waiting_ = false;
    }
    std::vector<pollfd> ready;
    for (const ListenSocket& socket : sockets_) {
      ready.push_back({socket.descriptor.get(), POLLIN, 0});
    }
    Wait(ready, absl::InfiniteDuration());
    for (const pollfd& entry : ready) {
      if (stopping_ || (entry.revents & POLLIN) == 0) continue;
      if (!Accept(entry.fd)) Wait(none, kPauseWithoutDescriptors);
    }
  }
}

void Listener::Wait(std::vector<pollfd>& descriptors, absl::Duration timeout) {
  descriptors.push_back({wake_.get(), POLLIN, 0});
  const int milliseconds =
      timeout == absl::InfiniteDuration()
          ? -1
          : static_cast<int>(absl::ToInt64Milliseconds(timeout));
  if (poll(descriptors.data(), descriptors.size(), milliseconds) < 0) {
    for (pollfd& entry : descriptors) entry.revents = 0;
  }
  if ((descriptors.back().revents & POLLIN) != 0) {
    eventfd_t count = 0;
    eventfd_read(wake_.get(), &count);
  }
  descriptors.pop_back();
}

void Listener::Wake() { eventfd_write(wake_.get(), 1); }

bool Listener::Accept(int socket) {
  FileDescriptor connection(
      accept4(socket, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!connection.valid()) {
    const int error = errno;
    if (error != EMFILE && error != ENFILE && error != ENOBUFS &&
        error != ENOMEM) {
      // The client has gone, or another error of its connection alone.
      return true;
    }
    NoteRefusal(ErrnoText(error));
    return false;
  }
  // The kernel gives the lowest free number, so this many are open.
  if (connection.get() >= reserved_from_) {
    NoteRefusal("the limit of open files is reached");
    return true;
  }
  NoteAccepted();
  const int on = 1;
  setsockopt(connection.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  handshakes_.Begin(absl::Now());
  hand_over_(std::move(connection));
  return true;
}

void Listener::NoteRefusal(std::string_view why) {
  if (refused_++ > 0) return;
  log::Error(
      "connections are refused: {}; raise LimitNOFILE (systemd) or ulimit -n "
      "to more than the number of agents",
      why);
}

void Listener::NoteAccepted() {
  if (refused_ == 0) return;
  log::Info("connections are accepted again; {} were refused", refused_);
  refused_ = 0;
}

}  // namespace tutti::controller
