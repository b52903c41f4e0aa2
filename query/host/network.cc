#include "query/host/network.h"

#include <fmt/format.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstddef>

#include "query/host/netlink.h"

namespace tutti::query {
namespace {

// The attributes behind a message's own header.
template <typename Header>
NetlinkAttributes AttributesBehind(std::string_view message) {
  return NetlinkAttributes(message.substr(
      std::min<size_t>(NLMSG_ALIGN(sizeof(Header)), message.size())));
}

bool IsIp(int family) { return family == AF_INET || family == AF_INET6; }

size_t AddressSize(int family) { return family == AF_INET ? 4 : 16; }

std::string FormatHardwareAddress(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    text += fmt::format("{}{:02x}", text.empty() ? "" : ":",
                        static_cast<uint8_t>(c));
  }
  return text;
}

// "255.255.255.0" of 24.
std::string MaskOf(int prefix_length, int family) {
  std::string bytes(AddressSize(family), '\0');
  for (size_t i = 0; i < bytes.size(); ++i) {
    const int bits = std::clamp(prefix_length - static_cast<int>(8 * i), 0, 8);
    bytes[i] = static_cast<char>(0xff00 >> bits);
  }
  return FormatAddress(bytes, family).value_or("");
}

void SetStatistics(const NetlinkAttributes& attributes,
                   NetworkInterface& interface) {
  // Newer kernels append counters; these few are in all of them.
  struct Counters {
    uint64_t received_packets, sent_packets, received_bytes, sent_bytes;
    uint64_t received_errors, sent_errors, received_dropped, sent_dropped;
    uint64_t multicast, collisions;
  };
  static_assert(offsetof(rtnl_link_stats64, collisions) ==
                offsetof(Counters, collisions));
  const auto counters = attributes.FindAs<Counters>(IFLA_STATS64);
  if (!counters.has_value()) return;
  const auto number = [](uint64_t value) {
    return static_cast<int64_t>(value);
  };
  interface.received_packets = number(counters->received_packets);
  interface.sent_packets = number(counters->sent_packets);
  interface.received_bytes = number(counters->received_bytes);
  interface.sent_bytes = number(counters->sent_bytes);
  interface.received_errors = number(counters->received_errors);
  interface.sent_errors = number(counters->sent_errors);
  interface.received_dropped = number(counters->received_dropped);
  interface.sent_dropped = number(counters->sent_dropped);
  interface.collisions = number(counters->collisions);
}

std::vector<Route::Hop> DecodeHops(std::string_view bytes, int family) {
  std::vector<Route::Hop> hops;
  while (const auto header = ReadAs<rtnexthop>(bytes)) {
    if (header->rtnh_len < sizeof(rtnexthop) ||
        header->rtnh_len > bytes.size()) {
      break;
    }
    const NetlinkAttributes attributes(
        bytes.substr(sizeof(rtnexthop), header->rtnh_len - sizeof(rtnexthop)));
    hops.push_back({attributes.FindAddress(RTA_GATEWAY, family),
                    static_cast<uint32_t>(header->rtnh_ifindex)});
    bytes.remove_prefix(
        std::min<size_t>(RTNH_ALIGN(header->rtnh_len), bytes.size()));
  }
  return hops;
}

}  // namespace

std::optional<NetworkInterface> DecodeInterface(std::string_view message) {
  const auto header = ReadAs<ifinfomsg>(message);
  if (!header.has_value()) return std::nullopt;
  const auto attributes = AttributesBehind<ifinfomsg>(message);
  const auto name = attributes.FindText(IFLA_IFNAME);
  if (!name.has_value()) return std::nullopt;
  NetworkInterface interface;
  interface.name = *name;
  interface.hardware_address =
      FormatHardwareAddress(attributes.Find(IFLA_ADDRESS).value_or(""));
  interface.type = header->ifi_type;
  interface.flags = header->ifi_flags;
  interface.mtu = attributes.FindAs<uint32_t>(IFLA_MTU).value_or(0);
  SetStatistics(attributes, interface);
  return interface;
}

std::optional<InterfaceAddress> DecodeAddress(std::string_view message) {
  const auto header = ReadAs<ifaddrmsg>(message);
  if (!header.has_value() || !IsIp(header->ifa_family)) return std::nullopt;
  const auto attributes = AttributesBehind<ifaddrmsg>(message);
  const auto remote = attributes.FindAddress(IFA_ADDRESS, header->ifa_family);
  // At a point-to-point link IFA_ADDRESS is the other end.
  const auto local = attributes.FindAddress(IFA_LOCAL, header->ifa_family);
  if (!remote.has_value() && !local.has_value()) return std::nullopt;
  InterfaceAddress address;
  address.interface_index = header->ifa_index;
  address.label = attributes.FindText(IFA_LABEL);
  address.address = local.value_or(remote.value_or(""));
  address.mask = MaskOf(header->ifa_prefixlen, header->ifa_family);
  address.broadcast = attributes.FindAddress(IFA_BROADCAST, header->ifa_family);
  if (local.has_value() && remote != local) address.point_to_point = remote;
  address.family = header->ifa_family;
  const uint32_t flags =
      attributes.FindAs<uint32_t>(IFA_FLAGS).value_or(header->ifa_flags);
  address.is_permanent = (flags & IFA_F_PERMANENT) != 0;
  return address;
}

std::optional<Route> DecodeRoute(std::string_view message) {
  const auto header = ReadAs<rtmsg>(message);
  if (!header.has_value() || !IsIp(header->rtm_family)) return std::nullopt;
  const int family = header->rtm_family;
  const auto attributes = AttributesBehind<rtmsg>(message);
  Route route;
  const std::string any(AddressSize(family), '\0');
  route.destination = attributes.FindAddress(RTA_DST, family)
                          .value_or(FormatAddress(any, family).value_or(""));
  route.prefix_length = header->rtm_dst_len;
  route.hops = DecodeHops(attributes.Find(RTA_MULTIPATH).value_or(""), family);
  if (route.hops.empty()) {
    route.hops.push_back({attributes.FindAddress(RTA_GATEWAY, family),
                          attributes.FindAs<uint32_t>(RTA_OIF).value_or(0)});
  }
  route.source = attributes.FindAddress(RTA_PREFSRC, family);
  route.flags = header->rtm_flags;
  route.type = header->rtm_type;
  route.metric = attributes.FindAs<uint32_t>(RTA_PRIORITY).value_or(0);
  const NetlinkAttributes metrics(attributes.Find(RTA_METRICS).value_or(""));
  route.mtu = metrics.FindAs<uint32_t>(RTAX_MTU).value_or(0);
  route.hop_limit = metrics.FindAs<uint32_t>(RTAX_HOPLIMIT).value_or(0);
  return route;
}

std::string InterfaceName(uint32_t index) {
  char name[IF_NAMESIZE];
  return if_indextoname(index, name) == nullptr ? "" : name;
}

}  // namespace tutti::query
