// Peers' addresses as people write them.
#ifndef CONTROLLER_SESSIONS_PEER_ADDRESS_H_
#define CONTROLLER_SESSIONS_PEER_ADDRESS_H_

#include <string>
#include <string_view>

namespace tutti::controller {

// gRPC's "ipv4:192.0.2.7:51234" as "192.0.2.7:51234", and
// "ipv6:%5B2001:db8::7%5D:51234" as "[2001:db8::7]:51234".
std::string PeerAddress(std::string_view peer);

}  // namespace tutti::controller

#endif  // CONTROLLER_SESSIONS_PEER_ADDRESS_H_
