// Sockets and the processes that hold them.
#include <string>
#include <vector>

#include "common/base/status_macros.h"
#include "query/engine/table.h"
#include "query/host/sockets.h"

namespace tutti::query {
namespace {

absl::Status GenerateProcessOpenSockets(const TableRequest& request,
                                        Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(
      const std::vector<HeldSocket> sockets,
      HeldSockets(request.Path("/proc"), request.EqualToNumber("pid")));
  for (const HeldSocket& held : sockets) {
    Row& row = rows.Add();
    row.Set("pid", held.pid);
    row.Set("fd", held.descriptor);
    row.Set("socket", held.socket.inode);
    row.Set("family", held.socket.family);
    row.Set("protocol", held.socket.protocol);
    row.Set("local_address", held.socket.local_address);
    row.Set("remote_address", held.socket.remote_address);
    row.Set("local_port", held.socket.local_port);
    row.Set("remote_port", held.socket.remote_port);
    row.Set("path", held.socket.path);
    row.Set("state", held.socket.state);
    row.Set("net_namespace", held.net_namespace);
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kProcessOpenSocketsTable = {
    .name = "process_open_sockets",
    .description =
        "Sockets of IP and Unix, a row for each process that has one open.",
    .columns =
        {
            {"pid", ColumnType::kInteger,
             "Process (or thread) ID; -1: none that can be seen",
             Pushdown::kUsed},
            {"fd", ColumnType::kBigInt,
             "Number of the descriptor; -1 without a process"},
            {"socket", ColumnType::kBigInt, "Inode of the socket"},
            {"family", ColumnType::kInteger, "2 (IPv4), 10 (IPv6), 1 (Unix)"},
            {"protocol", ColumnType::kInteger,
             "6 (TCP), 17 (UDP), ...; 0 of Unix sockets"},
            {"local_address", ColumnType::kText, "Its own address"},
            {"remote_address", ColumnType::kText, "The other side's address"},
            {"local_port", ColumnType::kInteger, "Its own port"},
            {"remote_port", ColumnType::kInteger, "The other side's port"},
            {"path", ColumnType::kText,
             "Path of a Unix socket, \"@\" before an abstract name"},
            {"state", ColumnType::kText, "State of TCP: LISTEN, ..."},
            {"net_namespace", ColumnType::kText,
             "Inode of the network namespace"},
        },
    .generate = GenerateProcessOpenSockets,
};

}  // namespace tutti::query
