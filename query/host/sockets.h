// Sockets of a host and the processes that hold them, by its /proc.
#ifndef QUERY_HOST_SOCKETS_H_
#define QUERY_HOST_SOCKETS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tutti::query {

struct Socket {
  // 0: it belongs to no process any more.
  int64_t inode = 0;
  // AF_INET, AF_INET6 or AF_UNIX.
  int family = 0;
  // IPPROTO_TCP, ...; 0 for AF_UNIX.
  int protocol = 0;
  // Of IP alone.
  std::string local_address;
  std::string remote_address;
  int64_t local_port = 0;
  int64_t remote_port = 0;
  // Of AF_UNIX alone: where it is bound, "@" before an abstract name.
  std::string path;
  // "LISTEN", ...; of TCP alone.
  std::string state;
  // Whether it waits for connections or, without any, for datagrams.
  bool listens = false;
};

// Of the text of /proc/net/tcp, udp6 and so on; lines that are malformed are
// left out.
std::vector<Socket> ParseInternetSockets(std::string_view text, int family,
                                         int protocol);
// Of the text of /proc/net/unix.
std::vector<Socket> ParseUnixSockets(std::string_view text);

// A socket with one of its holders.
struct HeldSocket {
  Socket socket;
  // -1: none that can be seen.
  int64_t pid = -1;
  int64_t descriptor = -1;
  // The inode of the network namespace.
  std::string net_namespace;
};
// One a holder, or one without, of all network namespaces whose processes can
// be seen. With `only` those that this process holds. `proc` is a path.
absl::StatusOr<std::vector<HeldSocket>> HeldSockets(
    const std::string& proc, std::optional<int64_t> only);

}  // namespace tutti::query

#endif  // QUERY_HOST_SOCKETS_H_
