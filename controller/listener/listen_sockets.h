// Sockets that listen.
#ifndef CONTROLLER_LISTENER_LISTEN_SOCKETS_H_
#define CONTROLLER_LISTENER_LISTEN_SOCKETS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/file_descriptor.h"

namespace tutti::controller {

struct ListenSocket {
  FileDescriptor descriptor;
  // As it was bound: "127.0.0.1:7117", "[::]:7117".
  std::string address;
  uint16_t port = 0;
};

// Binds every address ("host:port"); a name is bound on all its addresses.
// "[::]" takes IPv4 as well, unless "0.0.0.0" is in the list too, and falls
// back to IPv4 where the host has no IPv6. The first port 0 is chosen by the
// kernel; later ones are the same port. The sockets do not block.
absl::StatusOr<std::vector<ListenSocket>> BindListenSockets(
    const std::vector<std::string>& addresses);

}  // namespace tutti::controller

#endif  // CONTROLLER_LISTENER_LISTEN_SOCKETS_H_
