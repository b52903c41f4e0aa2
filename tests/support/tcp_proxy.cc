#include "tests/support/tcp_proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "absl/time/clock.h"

namespace tutti::testing {
namespace {

constexpr size_t kBufferBytes = 256 << 10;

sockaddr_in LoopbackAddress(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int PortOf(int fd) {
  sockaddr_in address = {};
  socklen_t size = sizeof address;
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

FileDescriptor Listen() {
  FileDescriptor fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = LoopbackAddress(0);
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address),
           sizeof address) != 0 ||
      listen(fd.get(), 64) != 0) {
    std::abort();
  }
  return fd;
}

}  // namespace

// Two sockets and what is on its way between them.
struct TcpProxy::Link {
  struct Direction {
    int from;
    int to;
    std::string pending;
    bool ended = false;
  };
  FileDescriptor near;
  FileDescriptor far;
  Direction directions[2];
};

TcpProxy::TcpProxy(int target_port)
    : target_port_(target_port),
      listener_(Listen()),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  port_ = PortOf(listener_.get());
  thread_ = std::thread([this] { Run(); });
}

TcpProxy::~TcpProxy() {
  stop_ = true;
  eventfd_write(wake_.get(), 1);
  thread_.join();
}

void TcpProxy::CutFor(absl::Duration duration) {
  cut_until_nanoseconds_ = absl::ToUnixNanos(absl::Now() + duration);
  eventfd_write(wake_.get(), 1);
}

bool TcpProxy::cut() const {
  return absl::GetCurrentTimeNanos() < cut_until_nanoseconds_;
}

void TcpProxy::Accept() {
  FileDescriptor near(
      accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!near.valid() || cut()) return;
  FileDescriptor far(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = LoopbackAddress(target_port_);
  if (connect(far.get(), reinterpret_cast<const sockaddr*>(&address),
              sizeof address) != 0) {
    return;
  }
  fcntl(far.get(), F_SETFL, O_NONBLOCK);
  auto link = std::make_unique<Link>();
  link->directions[0] = {near.get(), far.get(), {}, false};
  link->directions[1] = {far.get(), near.get(), {}, false};
  link->near = std::move(near);
  link->far = std::move(far);
  links_.push_back(std::move(link));
  ++accepted_;
}

// False when the link is over.
bool TcpProxy::Pump(Link& link) {
  for (Link::Direction& direction : link.directions) {
    if (!direction.ended && direction.pending.size() < kBufferBytes) {
      char buffer[65536];
      const ssize_t n = read(direction.from, buffer, sizeof buffer);
      if (n > 0) direction.pending.append(buffer, static_cast<size_t>(n));
      if (n == 0 || (n < 0 && errno != EAGAIN)) direction.ended = true;
    }
    if (!direction.pending.empty()) {
      const ssize_t n = send(direction.to, direction.pending.data(),
                             direction.pending.size(), MSG_NOSIGNAL);
      if (n > 0) direction.pending.erase(0, static_cast<size_t>(n));
      if (n < 0 && errno != EAGAIN) return false;
    }
    if (direction.ended && direction.pending.empty()) return false;
  }
  return true;
}

void TcpProxy::Run() {
  while (!stop_) {
    if (cut()) links_.clear();
    std::vector<pollfd> polled = {{wake_.get(), POLLIN, 0},
                                  {listener_.get(), POLLIN, 0}};
    for (const auto& link : links_) {
      for (const Link::Direction& direction : link->directions) {
        if (!direction.ended && direction.pending.size() < kBufferBytes) {
          polled.push_back({direction.from, POLLIN, 0});
        }
        if (!direction.pending.empty()) {
          polled.push_back({direction.to, POLLOUT, 0});
        }
      }
    }
    poll(polled.data(), polled.size(), -1);
    eventfd_t ignored;
    eventfd_read(wake_.get(), &ignored);
    if ((polled[1].revents & POLLIN) != 0) Accept();
    std::erase_if(links_, [](auto& link) { return !Pump(*link); });
  }
}

int FreePort() { return PortOf(Listen().get()); }

}  // namespace tutti::testing
