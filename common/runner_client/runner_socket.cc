#include "common/runner_client/runner_socket.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/descriptor_passing.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "common/runner_client/runner_protocol.h"

namespace tutti {
namespace {

// Beyond it the envelope goes in a memory file.
constexpr size_t kMaxStartInPacket = kMaxRunnerPacketBytes - 1024;

}  // namespace

absl::StatusOr<RunnerPacket> MakeStartPacket(runner::v1::StartAttempt start) {
  RunnerPacket packet;
  if (start.ByteSizeLong() > kMaxStartInPacket) {
    TUTTI_ASSIGN_OR_RETURN(int memory_file,
                           MakeSealedMemoryFile(start.envelope()));
    std::vector<FileDescriptor> descriptors;
    descriptors.emplace_back(memory_file);
    packet.descriptors = std::make_shared<const std::vector<FileDescriptor>>(
        std::move(descriptors));
    start.clear_envelope();
  }
  runner::v1::AgentMessage message;
  *message.mutable_start() = std::move(start);
  packet.bytes = message.SerializeAsString();
  if (packet.bytes.size() > kMaxRunnerPacketBytes) {
    return ResourceExhausted(
        "the parameters and secrets of a job take {} bytes, the runner takes "
        "{} "
        "KiB; give fewer",
        packet.bytes.size(), kMaxRunnerPacketBytes >> 10);
  }
  return packet;
}

absl::StatusOr<FileDescriptor> ConnectToRunner(const std::string& path) {
  TUTTI_ASSIGN_OR_RETURN(const sockaddr_un address, UnixAddress(path));
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
  std::vector<int> descriptors;
  if (packet.descriptors != nullptr) {
    for (const FileDescriptor& descriptor : *packet.descriptors) {
      descriptors.push_back(descriptor.get());
    }
  }
  const int error = SendPassing(socket, packet.bytes, descriptors);
  if (error == 0) return absl::OkStatus();
  if (error == EAGAIN || error == ENOBUFS) {
    return absl::UnavailableError("the socket is full");
  }
  return Internal("the line to the runner broke: {}", ErrnoText(error));
}

absl::StatusOr<ReceivedMessage> ReceiveMessage(int socket) {
  std::array<char, kMaxRunnerPacketBytes> buffer;
  PassedPacket packet = ReceivePassing(socket, buffer.data(), buffer.size());
  if (packet.error == EAGAIN) return absl::UnavailableError("nothing came");
  if (packet.size < 0) {
    return Internal("the line to the runner broke: {}",
                    ErrnoText(packet.error));
  }
  if (packet.size == 0) return Internal("the runner has closed the line");
  if (packet.truncated) {
    return Internal(
        "the runner sent a packet of more than {} KiB; bring both programs to "
        "the same version",
        kMaxRunnerPacketBytes >> 10);
  }
  ReceivedMessage received;
  received.descriptors = std::move(packet.descriptors);
  if (!received.message.ParseFromArray(buffer.data(),
                                       static_cast<int>(packet.size))) {
    return Internal("the runner sent what can not be parsed");
  }
  return received;
}

}  // namespace tutti
