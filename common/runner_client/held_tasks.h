// Running tasks that a program holds for the runner: HoldTask in
// proto/tutti/runner/v1/runner.proto.
#ifndef COMMON_RUNNER_CLIENT_HELD_TASKS_H_
#define COMMON_RUNNER_CLIENT_HELD_TASKS_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/file_descriptor.h"
#include "common/runner_client/runner_socket.h"
#include "tutti/runner/v1/runner.pb.h"

namespace tutti {

// Keeps their descriptors open and never reads them. Takes no more than half
// of those that this process may have; the other tasks die with their runner.
// Not thread-safe.
class HeldTasks {
 public:
  HeldTasks();

  // Whatever the runner says, in order.
  void OnMessage(ReceivedMessage& received);
  void Release(const v1::AttemptKey& key);
  // For a runner that was connected to anew. Takes no descriptors: what is
  // returned stays held until the runner has taken it up.
  std::vector<RunnerPacket> MakeReturns() const;

  size_t size() const { return tasks_.size(); }

 private:
  struct Task {
    runner::v1::HeldTask task;
    // Shared with a return that waits to be sent.
    std::shared_ptr<const std::vector<FileDescriptor>> descriptors;
    // The runner named the attempt since its line was made.
    bool listed = false;
  };
  void Hold(runner::v1::HeldTask task, std::vector<FileDescriptor> descriptors);

  // Descriptors that it may hold, and holds.
  const size_t most_;
  size_t count_ = 0;
  // By serialised key.
  std::map<std::string, Task> tasks_;
};

}  // namespace tutti

#endif  // COMMON_RUNNER_CLIENT_HELD_TASKS_H_
