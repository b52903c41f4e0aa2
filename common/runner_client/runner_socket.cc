#include "common/runner_client/runner_socket.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"

namespace tutti {
namespace {

constexpr size_t kMaxPacketBytes = 64 << 10;
// Leaves room for key and proof.
constexpr size_t kMaxEnvelopeInPacket = 48 << 10;

}  // namespace

absl::StatusOr<RunnerPacket> MakeStartPacket(const v1::AttemptKey& key,
                                             std::string_view envelope,
                                             const v1::TargetProof& proof) {
  runner::v1::AgentMessage message;
  runner::v1::StartAttempt& start = *message.mutable_start();
  *start.mutable_key() = key;
  *start.mutable_proof() = proof;
  RunnerPacket packet;
  if (envelope.size() <= kMaxEnvelopeInPacket) {
    start.set_envelope(envelope.data(), envelope.size());
  } else {
    TUTTI_ASSIGN_OR_RETURN(int memory_file, MakeSealedMemoryFile(envelope));
    packet.memory_file.Reset(memory_file);
  }
  packet.bytes = message.SerializeAsString();
  return packet;
}

absl::StatusOr<FileDescriptor> ConnectToRunner(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return InvalidArgument("the socket path {} is longer than {} characters",
                           path, sizeof address.sun_path - 1);
  }
  path.copy(address.sun_path, path.size());
  FileDescriptor socket(
      ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return SystemError(errno, "make a socket");
  if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&address),
              sizeof address) != 0) {
    return Unavailable("cannot reach the runner at {}: {}; is it running?",
                       path, ErrnoText(errno));
  }
  return socket;
}

absl::Status SendPacket(int socket, const RunnerPacket& packet) {
  iovec part = {const_cast<char*>(packet.bytes.data()), packet.bytes.size()};
  msghdr header = {};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control = {};
  if (packet.memory_file.valid()) {
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int));
    const int fd = packet.memory_file.get();
    std::memcpy(CMSG_DATA(rights), &fd, sizeof fd);
  }
  while (sendmsg(socket, &header, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == ENOBUFS) {
      return absl::UnavailableError("the socket is full");
    }
    return Internal("the line to the runner broke: {}", ErrnoText(errno));
  }
  return absl::OkStatus();
}

absl::StatusOr<runner::v1::RunnerMessage> ReceiveMessage(int socket) {
  std::array<char, kMaxPacketBytes> buffer;
  ssize_t n;
  do {
    n = recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
  } while (n < 0 && errno == EINTR);
  if (n < 0 && errno == EAGAIN) return absl::UnavailableError("nothing came");
  if (n < 0) {
    return Internal("the line to the runner broke: {}", ErrnoText(errno));
  }
  if (n == 0) return Internal("the runner has closed the line");
  runner::v1::RunnerMessage message;
  if (!message.ParseFromArray(buffer.data(), static_cast<int>(n))) {
    return Internal("the runner sent what can not be parsed");
  }
  return message;
}

}  // namespace tutti
