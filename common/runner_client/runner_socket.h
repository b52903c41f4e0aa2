// Packets to and from the runner.
#ifndef COMMON_RUNNER_CLIENT_RUNNER_SOCKET_H_
#define COMMON_RUNNER_CLIENT_RUNNER_SOCKET_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/file_descriptor.h"
#include "tutti/runner/v1/runner.pb.h"

namespace tutti {

// One message on its way: its bytes, and the descriptors that go with it, none
// if null. They are shared with whoever goes on to hold them: duplicates for a
// while could be more than this process may have.
struct RunnerPacket {
  std::string bytes;
  std::shared_ptr<const std::vector<FileDescriptor>> descriptors;
};

// An envelope that is too large for a packet goes as a memory file.
absl::StatusOr<RunnerPacket> MakeStartPacket(runner::v1::StartAttempt start);

// A connected socket, non-blocking.
absl::StatusOr<FileDescriptor> ConnectToRunner(const std::string& path);
// UNAVAILABLE when the socket is full, any other code when it is of no use any
// more.
absl::Status SendPacket(int socket, const RunnerPacket& packet);

struct ReceivedMessage {
  runner::v1::RunnerMessage message;
  std::vector<FileDescriptor> descriptors;
};
// UNAVAILABLE when there is none, any other code when the socket is of no use
// any more. Descriptors for which this process has no room are missing.
absl::StatusOr<ReceivedMessage> ReceiveMessage(int socket);

}  // namespace tutti

#endif  // COMMON_RUNNER_CLIENT_RUNNER_SOCKET_H_
