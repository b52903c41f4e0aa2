// Network interfaces (rtnetlink(7), /sys/class/net).
#include <fmt/format.h>
#include <linux/rtnetlink.h>

#include <optional>
#include <string>

#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "common/text/lines.h"
#include "query/engine/table.h"
#include "query/host/netlink.h"
#include "query/host/network.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

// Absent where the driver does not know.
std::optional<int64_t> LinkSpeed(const std::string& folder) {
  const auto content = ReadFile(folder + "/speed");
  if (!content.ok()) return std::nullopt;
  const auto speed = NumberIn(Trimmed(*content));
  return speed.value_or(-1) < 0 ? std::nullopt : speed;
}

// Absent of what is no PCI device.
std::optional<std::string> PciSlot(const std::string& folder) {
  const auto content = ReadFile(folder + "/device/uevent");
  if (!content.ok()) return std::nullopt;
  constexpr std::string_view kName = "PCI_SLOT_NAME=";
  for (const std::string_view line : LinesOf(*content)) {
    if (line.starts_with(kName)) return std::string(line.substr(kName.size()));
  }
  return std::nullopt;
}

void AddRow(const TableRequest& request, const NetworkInterface& interface,
            Rows& rows) {
  const std::string folder =
      request.Path(fmt::format("/sys/class/net/{}", interface.name));
  Row& row = rows.Add();
  row.Set("interface", interface.name);
  row.Set("mac", interface.hardware_address);
  row.Set("type", interface.type);
  row.Set("mtu", interface.mtu);
  // Linux has no other.
  row.Set("metric", 0);
  row.Set("flags", interface.flags);
  row.Set("ipackets", interface.received_packets);
  row.Set("opackets", interface.sent_packets);
  row.Set("ibytes", interface.received_bytes);
  row.Set("obytes", interface.sent_bytes);
  row.Set("ierrors", interface.received_errors);
  row.Set("oerrors", interface.sent_errors);
  row.Set("idrops", interface.received_dropped);
  row.Set("odrops", interface.sent_dropped);
  row.Set("collisions", interface.collisions);
  row.Set("last_change", -1);
  if (request.Uses("link_speed")) row.Set("link_speed", LinkSpeed(folder));
  if (request.Uses("pci_slot")) row.Set("pci_slot", PciSlot(folder));
}

absl::Status GenerateInterfaceDetails(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> messages,
                         DumpNetlink(RTM_GETLINK));
  for (const std::string& message : messages) {
    const auto interface = DecodeInterface(message);
    if (interface.has_value()) AddRow(request, *interface, rows);
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kInterfaceDetailsTable = {
    .name = "interface_details",
    .description = "Network interfaces and their counters.",
    .columns =
        {
            {"interface", ColumnType::kText, "Interface"},
            {"mac", ColumnType::kText, "Hardware address"},
            {"type", ColumnType::kInteger,
             "Type, ARPHRD_* of <linux/if_arp.h>: 1 Ethernet, 772 loopback"},
            {"mtu", ColumnType::kInteger, "Largest packet, in bytes"},
            {"metric", ColumnType::kInteger, "Always 0 on Linux"},
            {"flags", ColumnType::kInteger, "Flags (netdevice(7))"},
            {"ipackets", ColumnType::kBigInt, "Packets received"},
            {"opackets", ColumnType::kBigInt, "Packets sent"},
            {"ibytes", ColumnType::kBigInt, "Bytes received"},
            {"obytes", ColumnType::kBigInt, "Bytes sent"},
            {"ierrors", ColumnType::kBigInt, "Errors when receiving"},
            {"oerrors", ColumnType::kBigInt, "Errors when sending"},
            {"idrops", ColumnType::kBigInt, "Packets dropped when received"},
            {"odrops", ColumnType::kBigInt, "Packets dropped when sent"},
            {"collisions", ColumnType::kBigInt, "Collisions"},
            {"last_change", ColumnType::kBigInt, "Always -1 on Linux"},
            {"link_speed", ColumnType::kBigInt, "Speed in Mbit/s"},
            {"pci_slot", ColumnType::kText, "PCI slot of the device"},
        },
    .generate = GenerateInterfaceDetails,
};

}  // namespace tutti::query
