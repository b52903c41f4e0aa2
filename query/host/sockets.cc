#include "query/host/sockets.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "common/base/status_macros.h"
#include "common/text/lines.h"
#include "common/text/whole_number.h"
#include "query/host/link_target.h"
#include "query/host/netlink.h"
#include "query/host/processes.h"
#include "query/host/regular_file.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

// By their number in /proc/net/tcp (include/net/tcp_states.h).
constexpr std::string_view kTcpStates[] = {
    "UNKNOWN",    "ESTABLISHED", "SYN_SENT",  "SYN_RECV",
    "FIN_WAIT1",  "FIN_WAIT2",   "TIME_WAIT", "CLOSED",
    "CLOSE_WAIT", "LAST_ACK",    "LISTEN",    "CLOSING",
};
constexpr uint32_t kTcpListen = 10;
// __SO_ACCEPTCON of the kernel.
constexpr uint32_t kAcceptsConnections = 1 << 16;

struct SocketFile {
  std::string_view name;
  int family;
  int protocol;
};
constexpr SocketFile kInternetFiles[] = {
    {"net/icmp", AF_INET, IPPROTO_ICMP},
    {"net/icmp6", AF_INET6, IPPROTO_ICMP},
    {"net/raw", AF_INET, IPPROTO_RAW},
    {"net/raw6", AF_INET6, IPPROTO_RAW},
    {"net/tcp", AF_INET, IPPROTO_TCP},
    {"net/tcp6", AF_INET6, IPPROTO_TCP},
    {"net/udp", AF_INET, IPPROTO_UDP},
    {"net/udp6", AF_INET6, IPPROTO_UDP},
    {"net/udplite", AF_INET, IPPROTO_UDPLITE},
    {"net/udplite6", AF_INET6, IPPROTO_UDPLITE},
};

std::optional<uint32_t> HexIn(std::string_view text) {
  uint32_t number = 0;
  if (!ParseWhole(text, number, 16)) return std::nullopt;
  return number;
}

// Words of the host's byte order, eight digits each.
std::optional<std::string> AddressIn(std::string_view digits, int family) {
  constexpr size_t kDigits = 8;
  uint32_t words[4] = {};
  const size_t count = family == AF_INET ? 1 : 4;
  if (digits.size() != count * kDigits) return std::nullopt;
  for (size_t i = 0; i < count; ++i) {
    if (!ParseWhole(digits.substr(i * kDigits, kDigits), words[i], 16)) {
      return std::nullopt;
    }
  }
  return FormatAddress({reinterpret_cast<const char*>(words), sizeof words},
                       family);
}

// "0100007F:0016".
bool TakeEndpoint(std::string_view text, int family, std::string& address,
                  int64_t& port) {
  const std::vector<std::string_view> parts = Split(text, ':');
  if (parts.size() != 2) return false;
  std::optional<std::string> found = AddressIn(parts[0], family);
  if (!found.has_value() || !ParseWhole(parts[1], port, 16)) return false;
  address = *std::move(found);
  return true;
}

std::optional<Socket> ParseInternetSocket(
    const std::vector<std::string_view>& words, int family, int protocol) {
  constexpr size_t kLocal = 1, kRemote = 2, kState = 3, kInode = 9;
  if (words.size() <= kInode) return std::nullopt;
  Socket socket;
  socket.family = family;
  socket.protocol = protocol;
  const std::optional<uint32_t> state = HexIn(words[kState]);
  const std::optional<int64_t> inode = NumberIn(words[kInode]);
  if (!TakeEndpoint(words[kLocal], family, socket.local_address,
                    socket.local_port) ||
      !TakeEndpoint(words[kRemote], family, socket.remote_address,
                    socket.remote_port) ||
      !state.has_value() || !inode.has_value()) {
    return std::nullopt;
  }
  socket.inode = *inode;
  socket.listens = socket.remote_port == 0;
  if (protocol == IPPROTO_TCP) {
    socket.state = kTcpStates[*state < std::size(kTcpStates) ? *state : 0];
    socket.listens = *state == kTcpListen;
  }
  return socket;
}

// The holders of each inode.
using Holders = std::multimap<int64_t, std::pair<int64_t, int64_t>>;

void AddHolders(const std::string& proc, int64_t pid, Holders& holders) {
  constexpr std::string_view kPrefix = "socket:[";
  for (const ProcessDescriptor& descriptor : DescriptorsOf(proc, pid)) {
    std::string_view target = descriptor.target;
    if (!target.starts_with(kPrefix) || !target.ends_with(']')) continue;
    target.remove_prefix(kPrefix.size());
    target.remove_suffix(1);
    const std::optional<int64_t> inode = NumberIn(target);
    if (!inode.has_value()) continue;
    holders.emplace(*inode, std::pair(pid, descriptor.number));
  }
}

// "4026531833"; absent when the process has ended or may not be looked at.
std::optional<std::string> NetNamespaceOf(const std::string& proc,
                                          int64_t pid) {
  // "net:[4026531833]".
  const std::string link =
      LinkTarget(ProcessPath(proc, pid, "ns/net")).value_or("");
  const size_t bracket = link.find('[');
  if (bracket == link.npos || !link.ends_with(']')) return std::nullopt;
  return link.substr(bracket + 1, link.size() - bracket - 2);
}

// Those of the network namespace that a process is in.
absl::StatusOr<std::vector<Socket>> SocketsSeenBy(const std::string& proc,
                                                  int64_t pid) {
  std::vector<Socket> sockets;
  const auto add = [&](std::vector<Socket> more) {
    sockets.insert(sockets.end(), std::make_move_iterator(more.begin()),
                   std::make_move_iterator(more.end()));
  };
  for (const SocketFile& file : kInternetFiles) {
    TUTTI_ASSIGN_OR_RETURN(const std::string text,
                           ReadIfThere(ProcessPath(proc, pid, file.name)));
    add(ParseInternetSockets(text, file.family, file.protocol));
  }
  TUTTI_ASSIGN_OR_RETURN(const std::string text,
                         ReadIfThere(ProcessPath(proc, pid, "net/unix")));
  add(ParseUnixSockets(text));
  return sockets;
}

}  // namespace

std::vector<Socket> ParseInternetSockets(std::string_view text, int family,
                                         int protocol) {
  std::vector<Socket> sockets;
  for (const std::string_view line : LinesOf(text)) {
    std::optional<Socket> socket =
        ParseInternetSocket(Words(line), family, protocol);
    if (socket.has_value()) sockets.push_back(*std::move(socket));
  }
  return sockets;
}

std::vector<Socket> ParseUnixSockets(std::string_view text) {
  constexpr size_t kFlags = 3, kType = 4, kInode = 6;
  std::vector<Socket> sockets;
  for (const std::string_view line : LinesOf(text)) {
    const std::vector<std::string_view> words = Words(line);
    if (words.size() <= kInode) continue;
    const std::optional<uint32_t> flags = HexIn(words[kFlags]);
    const std::optional<uint32_t> type = HexIn(words[kType]);
    const std::optional<int64_t> inode = NumberIn(words[kInode]);
    if (!flags.has_value() || !type.has_value() || !inode.has_value()) continue;
    Socket& socket = sockets.emplace_back();
    socket.inode = *inode;
    socket.family = AF_UNIX;
    // To the end of the line: it may have blanks in it.
    if (words.size() > kInode + 1) {
      socket.path = line.substr(
          static_cast<size_t>(words[kInode + 1].data() - line.data()));
    }
    socket.listens =
        !socket.path.empty() &&
        ((*flags & kAcceptsConnections) != 0 || *type == SOCK_DGRAM);
  }
  return sockets;
}

absl::StatusOr<std::vector<HeldSocket>> HeldSockets(
    const std::string& proc, std::optional<int64_t> only) {
  // -1 asks for what nobody holds: to know that takes all processes.
  const bool filtered = only.has_value() && *only != -1;
  TUTTI_ASSIGN_OR_RETURN(const std::vector<int64_t> pids,
                         ProcessIds(proc, filtered ? only : std::nullopt));
  Holders holders;
  std::set<std::string> namespaces;
  std::vector<HeldSocket> seen;
  for (const int64_t pid : pids) {
    AddHolders(proc, pid, holders);
    // Most processes have none: a join asks for each of them.
    if (filtered && holders.empty()) continue;
    const std::optional<std::string> name = NetNamespaceOf(proc, pid);
    if (!name.has_value() || namespaces.contains(*name)) continue;
    absl::StatusOr<std::vector<Socket>> read = SocketsSeenBy(proc, pid);
    // It may have ended meanwhile: another one shows the same.
    if (NetNamespaceOf(proc, pid) != name) continue;
    if (!read.ok()) return read.status();
    namespaces.insert(*name);
    for (Socket& socket : *read) {
      seen.push_back({.socket = std::move(socket), .net_namespace = *name});
    }
  }
  std::vector<HeldSocket> sockets;
  for (HeldSocket& one : seen) {
    const auto [begin, end] = holders.equal_range(one.socket.inode);
    for (auto holder = begin; holder != end; ++holder) {
      std::tie(one.pid, one.descriptor) = holder->second;
      sockets.push_back(one);
    }
    if (begin == end && !filtered) sockets.push_back(std::move(one));
  }
  return sockets;
}

}  // namespace tutti::query
