#include "controller/sessions/peer_address.h"

namespace tutti::controller {

std::string PeerAddress(std::string_view peer) {
  for (const std::string_view scheme : {"ipv4:", "ipv6:"}) {
    if (peer.starts_with(scheme)) peer.remove_prefix(scheme.size());
  }
  std::string address;
  while (!peer.empty()) {
    if (peer.starts_with("%5B")) {
      address += '[';
      peer.remove_prefix(3);
    } else if (peer.starts_with("%5D")) {
      address += ']';
      peer.remove_prefix(3);
    } else {
      address += peer.front();
      peer.remove_prefix(1);
    }
  }
  return address;
}

}  // namespace tutti::controller
