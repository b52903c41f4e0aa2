// Addresses of network interfaces (rtnetlink(7)).
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <string>

#include "common/base/status_macros.h"
#include "query/engine/table.h"
#include "query/host/netlink.h"
#include "query/host/network.h"

namespace tutti::query {
namespace {

// The kernel knows only whether it runs out: what DHCP or a router gave does.
std::string_view TypeOf(const InterfaceAddress& address) {
  if (address.is_permanent) return "manual";
  return address.family == AF_INET ? "dhcp" : "auto";
}

absl::Status GenerateInterfaceAddresses(const TableRequest& /*request*/,
                                        Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> messages,
                         DumpNetlink(RTM_GETADDR));
  for (const std::string& message : messages) {
    const auto address = DecodeAddress(message);
    if (!address.has_value()) continue;
    Row& row = rows.Add();
    row.Set("interface",
            address->label.value_or(InterfaceName(address->interface_index)));
    row.Set("address", address->address);
    row.Set("mask", address->mask);
    row.Set("broadcast", address->broadcast);
    row.Set("point_to_point", address->point_to_point);
    row.Set("type", TypeOf(*address));
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kInterfaceAddressesTable = {
    .name = "interface_addresses",
    .description = "IP addresses of network interfaces.",
    .columns =
        {
            {"interface", ColumnType::kText, "Interface"},
            {"address", ColumnType::kText, "Its address"},
            {"mask", ColumnType::kText, "Mask of its network"},
            {"broadcast", ColumnType::kText, "Broadcast address"},
            {"point_to_point", ColumnType::kText,
             "Address of the other end of a point-to-point link"},
            {"type", ColumnType::kText,
             "manual, or of one that runs out: dhcp (IPv4), auto (IPv6)"},
        },
    .generate = GenerateInterfaceAddresses,
};

}  // namespace tutti::query
