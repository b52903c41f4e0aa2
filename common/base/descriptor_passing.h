// Packets that carry descriptors, over a Unix SOCK_SEQPACKET socket
// (SCM_RIGHTS, unix(7)).
#ifndef COMMON_BASE_DESCRIPTOR_PASSING_H_
#define COMMON_BASE_DESCRIPTOR_PASSING_H_

#include <sys/types.h>
#include <sys/un.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/file_descriptor.h"

namespace tutti {

// INVALID_ARGUMENT when `path` is too long for a socket's name (unix(7)).
absl::StatusOr<sockaddr_un> UnixAddress(const std::string& path);

// A packet carries at most so many.
inline constexpr size_t kMaxPassedDescriptors = 5;

// Sends duplicates of `descriptors` along. 0, or the errno value: EAGAIN when
// the socket is full.
int SendPassing(int socket, std::string_view packet,
                const std::vector<int>& descriptors);

struct PassedPacket {
  // As recvmsg(2): its bytes; 0 when the line has ended; -1: see `error`.
  ssize_t size = 0;
  int error = 0;
  // The packet was larger than the buffer.
  bool truncated = false;
  // Those for which this process had room; they are closed on exec.
  std::vector<FileDescriptor> descriptors;
};
// Does not wait: EAGAIN when there is none.
PassedPacket ReceivePassing(int socket, char* buffer, size_t size);

}  // namespace tutti

#endif  // COMMON_BASE_DESCRIPTOR_PASSING_H_
