// Interfaces, their addresses and routes, decoded from messages of rtnetlink(7)
// without their common header. Absent: the message is damaged, or of a family
// of addresses that is not IP.
#ifndef QUERY_HOST_NETWORK_H_
#define QUERY_HOST_NETWORK_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tutti::query {

struct NetworkInterface {
  std::string name;
  // "02:fc:00:00:00:01"; empty: it has none.
  std::string hardware_address;
  // ARPHRD_* of <linux/if_arp.h> and IFF_* of <linux/if.h>.
  int64_t type = 0, flags = 0;
  int64_t mtu = 0;
  int64_t received_packets = 0, sent_packets = 0;
  int64_t received_bytes = 0, sent_bytes = 0;
  int64_t received_errors = 0, sent_errors = 0;
  int64_t received_dropped = 0, sent_dropped = 0;
  int64_t collisions = 0;
};
std::optional<NetworkInterface> DecodeInterface(std::string_view message);

struct InterfaceAddress {
  uint32_t interface_index = 0;
  // Of IPv4 it may be another name: "eth0:1".
  std::optional<std::string> label;
  std::string address, mask;
  std::optional<std::string> broadcast, point_to_point;
  int family = 0;
  // It does not run out.
  bool is_permanent = false;
};
std::optional<InterfaceAddress> DecodeAddress(std::string_view message);

struct Route {
  std::string destination;
  int prefix_length = 0;
  // Where packets may go; several share them.
  struct Hop {
    std::optional<std::string> gateway;
    uint32_t interface_index = 0;
  };
  std::vector<Hop> hops;
  std::optional<std::string> source;
  // RTM_F_* and RTN_* of <linux/rtnetlink.h>.
  int64_t flags = 0;
  int type = 0;
  int64_t metric = 0;
  // 0: that of the interface, the host's.
  int64_t mtu = 0, hop_limit = 0;
};
std::optional<Route> DecodeRoute(std::string_view message);

// Empty: there is none (any more).
std::string InterfaceName(uint32_t index);

}  // namespace tutti::query

#endif  // QUERY_HOST_NETWORK_H_
