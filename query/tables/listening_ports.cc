// Sockets that wait for somebody.
#include <optional>
#include <string>
#include <vector>

#include "common/base/status_macros.h"
#include "query/engine/table.h"
#include "query/host/sockets.h"

namespace tutti::query {
namespace {

absl::Status GenerateListeningPorts(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(
      const std::vector<HeldSocket> sockets,
      HeldSockets(request.Path("/proc"), /*only=*/std::nullopt));
  for (const HeldSocket& held : sockets) {
    if (!held.socket.listens) continue;
    Row& row = rows.Add();
    row.Set("pid", held.pid);
    row.Set("port", held.socket.local_port);
    row.Set("protocol", held.socket.protocol);
    row.Set("family", held.socket.family);
    row.Set("address", held.socket.local_address);
    row.Set("fd", held.descriptor);
    row.Set("socket", held.socket.inode);
    row.Set("path", held.socket.path);
    row.Set("net_namespace", held.net_namespace);
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kListeningPortsTable = {
    .name = "listening_ports",
    .description =
        "Sockets that wait for connections or datagrams, a row for each "
        "process that has one open.",
    .columns =
        {
            {"pid", ColumnType::kInteger,
             "Process (or thread) ID; -1: none that can be seen"},
            {"port", ColumnType::kInteger, "Port; 0 of Unix sockets"},
            {"protocol", ColumnType::kInteger,
             "6 (TCP), 17 (UDP), ...; 0 of Unix sockets"},
            {"family", ColumnType::kInteger, "2 (IPv4), 10 (IPv6), 1 (Unix)"},
            {"address", ColumnType::kText,
             "Address that it is bound to; 0.0.0.0 or :: for all"},
            {"fd", ColumnType::kBigInt,
             "Number of the descriptor; -1 without a process"},
            {"socket", ColumnType::kBigInt, "Inode of the socket"},
            {"path", ColumnType::kText,
             "Path of a Unix socket, \"@\" before an abstract name"},
            {"net_namespace", ColumnType::kText,
             "Inode of the network namespace"},
        },
    .generate = GenerateListeningPorts,
};

}  // namespace tutti::query
