// What both sides of the runner's socket go by: proto/tutti/runner/v1, one
// message a SOCK_SEQPACKET packet.
#ifndef COMMON_RUNNER_CLIENT_RUNNER_PROTOCOL_H_
#define COMMON_RUNNER_CLIENT_RUNNER_PROTOCOL_H_

#include <cstddef>
#include <cstdint>

namespace tutti {

inline constexpr uint32_t kRunnerProtocolVersion = 1;
// Room for the parameters and secrets of a task. The kernel takes 208 KiB.
inline constexpr size_t kMaxRunnerPacketBytes = 128 << 10;

}  // namespace tutti

#endif  // COMMON_RUNNER_CLIENT_RUNNER_PROTOCOL_H_
