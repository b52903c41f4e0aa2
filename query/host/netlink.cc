#include "query/host/netlink.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "common/base/errors.h"
#include "common/base/file_descriptor.h"
#include "common/base/status_macros.h"

namespace tutti::query {
namespace {

// The kernel fills at most 32 KiB at once.
constexpr size_t kBufferSize = 64 << 10;
// How often a dump is begun again that something changed under.
constexpr int kAttempts = 5;

constexpr std::string_view kWhat = "ask the kernel about its network";

struct Dump {
  std::vector<std::string> messages;
  bool is_over = false;
  // What changed meanwhile may be missing.
  bool is_torn = false;
};

absl::Status AddMessages(std::string_view bytes, Dump& dump) {
  while (const auto header = ReadAs<nlmsghdr>(bytes)) {
    if (header->nlmsg_len < sizeof(nlmsghdr) ||
        header->nlmsg_len > bytes.size()) {
      return DataLoss("the kernel's answer about its network is cut off");
    }
    const std::string_view payload =
        bytes.substr(sizeof(nlmsghdr), header->nlmsg_len - sizeof(nlmsghdr));
    dump.is_torn = dump.is_torn || (header->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
    if (header->nlmsg_type == NLMSG_DONE) {
      dump.is_over = true;
      return absl::OkStatus();
    }
    if (header->nlmsg_type == NLMSG_ERROR) {
      return SystemError(-ReadAs<int>(payload).value_or(-EBADMSG), kWhat);
    }
    dump.messages.emplace_back(payload);
    bytes.remove_prefix(
        std::min<size_t>(NLMSG_ALIGN(header->nlmsg_len), bytes.size()));
  }
  return absl::OkStatus();
}

absl::StatusOr<Dump> DumpOnce(uint16_t type) {
  const FileDescriptor socket(
      ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!socket.valid()) return SystemError(errno, kWhat);
  struct {
    nlmsghdr header;
    rtgenmsg message;
  } request = {};
  request.header.nlmsg_len = NLMSG_LENGTH(sizeof(rtgenmsg));
  request.header.nlmsg_type = type;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.message.rtgen_family = AF_UNSPEC;
  if (send(socket.get(), &request, request.header.nlmsg_len, 0) < 0) {
    return SystemError(errno, kWhat);
  }
  Dump dump;
  std::string buffer(kBufferSize, '\0');
  while (!dump.is_over) {
    const ssize_t size = recv(socket.get(), buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return SystemError(errno, kWhat);
    TUTTI_RETURN_IF_ERROR(AddMessages(
        std::string_view(buffer).substr(0, static_cast<size_t>(size)), dump));
  }
  return dump;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> DumpNetlink(uint16_t request) {
  for (int i = 0;; ++i) {
    TUTTI_ASSIGN_OR_RETURN(Dump dump, DumpOnce(request));
    if (!dump.is_torn || i == kAttempts) return std::move(dump.messages);
  }
}

NetlinkAttributes::NetlinkAttributes(std::string_view bytes) {
  while (const auto header = ReadAs<rtattr>(bytes)) {
    if (header->rta_len < sizeof(rtattr) || header->rta_len > bytes.size()) {
      return;
    }
    attributes_.push_back(
        {static_cast<uint16_t>(header->rta_type & NLA_TYPE_MASK),
         bytes.substr(sizeof(rtattr), header->rta_len - sizeof(rtattr))});
    bytes.remove_prefix(
        std::min<size_t>(RTA_ALIGN(header->rta_len), bytes.size()));
  }
}

std::optional<std::string_view> NetlinkAttributes::Find(uint16_t type) const {
  for (const Attribute& attribute : attributes_) {
    if (attribute.type == type) return attribute.bytes;
  }
  return std::nullopt;
}

std::optional<std::string> NetlinkAttributes::FindText(uint16_t type) const {
  const auto bytes = Find(type);
  if (!bytes.has_value()) return std::nullopt;
  return std::string(bytes->substr(0, bytes->find('\0')));
}

std::optional<std::string> NetlinkAttributes::FindAddress(uint16_t type,
                                                          int family) const {
  const auto bytes = Find(type);
  return bytes.has_value() ? FormatAddress(*bytes, family) : std::nullopt;
}

std::optional<std::string> FormatAddress(std::string_view bytes, int family) {
  const size_t size = family == AF_INET    ? sizeof(in_addr)
                      : family == AF_INET6 ? sizeof(in6_addr)
                                           : 0;
  if (size == 0 || bytes.size() < size) return std::nullopt;
  char text[INET6_ADDRSTRLEN];
  if (inet_ntop(family, bytes.data(), text, sizeof text) == nullptr) {
    return std::nullopt;
  }
  return text;
}

}  // namespace tutti::query
