#include "controller/listener/listen_sockets.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "common/base/address.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace tutti::controller {
namespace {

// Connections that wait to be accepted; the kernel cuts it to
// net.core.somaxconn.
constexpr int kBacklog = 4096;

constexpr char kIpv4Any[] = "0.0.0.0";
constexpr char kIpv6Any[] = "::";

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

absl::StatusOr<AddressList> Resolve(const Address& address) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int result =
      getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(),
                  &hints, &found);
  if (result != 0) {
    return InvalidArgument(
        "cannot listen on {}: {}; use an address of this host",
        address.ToString(), gai_strerror(result));
  }
  return AddressList(found, &freeaddrinfo);
}

absl::Status BindError(int error, const Address& address) {
  const std::string what = fmt::format("listen on {}", address.ToString());
  const char* remedy = "";
  if (error == EADDRINUSE) {
    remedy =
        "; another program has that port, perhaps another controller: end it "
        "or choose another 'listen' address";
  } else if (error == EADDRNOTAVAIL) {
    remedy = "; use an address of this host, or [::] for all";
  } else if (error == EACCES) {
    remedy = "; use a port above 1023, or give the program that right";
  }
  const absl::Status status = SystemError(error, what);
  return absl::Status(
      status.code(),
      fmt::format("{}{}", std::string(status.message()), remedy));
}

absl::StatusOr<ListenSocket> NameOf(FileDescriptor socket) {
  sockaddr_storage name = {};
  socklen_t size = sizeof name;
  if (getsockname(socket.get(), reinterpret_cast<sockaddr*>(&name), &size)) {
    return SystemError(errno, "read the address of a socket");
  }
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  getnameinfo(reinterpret_cast<sockaddr*>(&name), size, host, sizeof host, port,
              sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
  const Address address{host, static_cast<uint16_t>(std::stoul(port))};
  return ListenSocket{std::move(socket), address.ToString(), address.port};
}

absl::StatusOr<ListenSocket> BindOne(const Address& address,
                                     const addrinfo& resolved, bool v6_only) {
  FileDescriptor descriptor(socket(
      resolved.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!descriptor.valid()) return BindError(errno, address);
  const int on = 1;
  const int only = v6_only ? 1 : 0;
  setsockopt(descriptor.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (resolved.ai_family == AF_INET6) {
    setsockopt(descriptor.get(), IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
  }
  if (bind(descriptor.get(), resolved.ai_addr, resolved.ai_addrlen) != 0 ||
      listen(descriptor.get(), kBacklog) != 0) {
    return BindError(errno, address);
  }
  return NameOf(std::move(descriptor));
}

bool HostHasIpv6() {
  FileDescriptor probe(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return probe.valid();
}

absl::Status BindAddress(const Address& address, bool v6_only,
                         std::vector<ListenSocket>& sockets) {
  TUTTI_ASSIGN_OR_RETURN(const AddressList resolved, Resolve(address));
  for (const addrinfo* entry = resolved.get(); entry != nullptr;
       entry = entry->ai_next) {
    TUTTI_ASSIGN_OR_RETURN(ListenSocket socket,
                           BindOne(address, *entry, v6_only));
    sockets.push_back(std::move(socket));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<ListenSocket>> BindListenSockets(
    const std::vector<std::string>& addresses) {
  std::vector<Address> parsed;
  bool ipv4_any = false;
  for (const std::string& text : addresses) {
    TUTTI_ASSIGN_OR_RETURN(Address address, ParseAddress(text));
    if (address.host == kIpv4Any) ipv4_any = true;
    parsed.push_back(std::move(address));
  }
  const bool has_ipv6 = HostHasIpv6();
  std::vector<ListenSocket> sockets;
  uint16_t chosen_port = 0;
  for (Address& address : parsed) {
    if (address.host == kIpv6Any && !has_ipv6) address.host = kIpv4Any;
    const bool any_port = address.port == 0;
    if (any_port) address.port = chosen_port;
    const bool v6_only = address.host != kIpv6Any || ipv4_any;
    TUTTI_RETURN_IF_ERROR(BindAddress(address, v6_only, sockets));
    if (any_port) chosen_port = sockets.back().port;
  }
  return sockets;
}

}  // namespace tutti::controller
