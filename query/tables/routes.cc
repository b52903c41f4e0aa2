// Routes of IPv4 and IPv6, of all routing tables (rtnetlink(7)).
#include <linux/rtnetlink.h>

#include <string>

#include "common/base/status_macros.h"
#include "query/engine/table.h"
#include "query/host/netlink.h"
#include "query/host/network.h"

namespace tutti::query {
namespace {

std::string_view TypeOf(const Route& route) {
  switch (route.type) {
    case RTN_UNICAST:
      return "gateway";
    case RTN_LOCAL:
      return "local";
    case RTN_BROADCAST:
      return "broadcast";
    case RTN_ANYCAST:
      return "anycast";
    default:
      return "other";
  }
}

void AddRow(const Route& route, const Route::Hop& hop, Rows& rows) {
  Row& row = rows.Add();
  row.Set("destination", route.destination);
  row.Set("netmask", std::to_string(route.prefix_length));
  row.Set("gateway", hop.gateway);
  row.Set("source", route.source);
  row.Set("flags", route.flags);
  row.Set("interface", InterfaceName(hop.interface_index));
  row.Set("mtu", route.mtu);
  row.Set("metric", route.metric);
  row.Set("type", TypeOf(route));
  row.Set("hopcount", route.hop_limit);
}

absl::Status GenerateRoutes(const TableRequest& /*request*/, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> messages,
                         DumpNetlink(RTM_GETROUTE));
  for (const std::string& message : messages) {
    const auto route = DecodeRoute(message);
    // A copy that the kernel keeps of a route.
    if (!route.has_value() || (route->flags & RTM_F_CLONED) != 0) continue;
    for (const Route::Hop& hop : route->hops) AddRow(*route, hop, rows);
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kRoutesTable = {
    .name = "routes",
    .description =
        "Routes of IPv4 and IPv6, of all routing tables; one row "
        "for each next hop.",
    .columns =
        {
            {"destination", ColumnType::kText,
             "Network; of a default route 0.0.0.0 or ::"},
            {"netmask", ColumnType::kText, "Length of the network's prefix"},
            {"gateway", ColumnType::kText, "Next hop"},
            {"source", ColumnType::kText, "Source address that is preferred"},
            {"flags", ColumnType::kInteger, "RTM_F_* of <linux/rtnetlink.h>"},
            {"interface", ColumnType::kText, "Interface"},
            {"mtu", ColumnType::kInteger,
             "Largest packet; 0: that of the interface"},
            {"metric", ColumnType::kInteger, "Cost; the lowest is preferred"},
            {"type", ColumnType::kText,
             "gateway (unicast), local, broadcast, anycast or other"},
            {"hopcount", ColumnType::kInteger,
             "Hop limit; 0: that of the host"},
        },
    .generate = GenerateRoutes,
};

}  // namespace tutti::query
