#include "common/base/descriptor_passing.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

#include "common/base/errors.h"

namespace tutti {
namespace {

struct ControlSpace {
  alignas(cmsghdr) char bytes[CMSG_SPACE(kMaxPassedDescriptors * sizeof(int))];
};

}  // namespace

absl::StatusOr<sockaddr_un> UnixAddress(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return InvalidArgument(
        "the socket path {} is longer than {} characters; choose a shorter one",
        path, sizeof address.sun_path - 1);
  }
  path.copy(address.sun_path, path.size());
  return address;
}

int SendPassing(int socket, std::string_view packet,
                const std::vector<int>& descriptors) {
  iovec part = {const_cast<char*>(packet.data()), packet.size()};
  msghdr header = {};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  ControlSpace control = {};
  const size_t count = std::min(descriptors.size(), kMaxPassedDescriptors);
  if (count > 0) {
    header.msg_control = control.bytes;
    header.msg_controllen = CMSG_SPACE(count * sizeof(int));
    cmsghdr* const rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(count * sizeof(int));
    std::memcpy(CMSG_DATA(rights), descriptors.data(), count * sizeof(int));
  }
  while (sendmsg(socket, &header, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

PassedPacket ReceivePassing(int socket, char* buffer, size_t size) {
  iovec part = {buffer, size};
  ControlSpace control;
  msghdr header = {};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.bytes;
  header.msg_controllen = sizeof control.bytes;
  PassedPacket packet;
  do {
    packet.size = recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (packet.size < 0 && errno == EINTR);
  if (packet.size < 0) packet.error = errno;
  if (packet.size <= 0) return packet;
  packet.truncated = (header.msg_flags & MSG_TRUNC) != 0;
  for (cmsghdr* rights = CMSG_FIRSTHDR(&header); rights != nullptr;
       rights = CMSG_NXTHDR(&header, rights)) {
    if (rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS) {
      continue;
    }
    const size_t count = (rights->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; ++i) {
      int descriptor;
      std::memcpy(&descriptor, CMSG_DATA(rights) + i * sizeof descriptor,
                  sizeof descriptor);
      packet.descriptors.emplace_back(descriptor);
    }
  }
  return packet;
}

}  // namespace tutti
