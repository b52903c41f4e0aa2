#include "common/runner_client/held_tasks.h"

#include <sys/resource.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/jobs/attempt_key.h"
#include "common/jobs/states.h"

namespace tutti {
namespace {

size_t MostDescriptors() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  return limit.rlim_cur / 2;
}

}  // namespace

HeldTasks::HeldTasks() : most_(MostDescriptors()) {}

void HeldTasks::OnMessage(ReceivedMessage& received) {
  runner::v1::RunnerMessage& message = received.message;
  if (message.has_welcome()) {
    for (auto& [key, task] : tasks_) task.listed = false;
  } else if (message.has_hold_task()) {
    Hold(std::move(*message.mutable_hold_task()->mutable_task()),
         std::move(received.descriptors));
  } else if (message.has_state()) {
    if (IsFinal(message.state().status().state())) {
      return Release(message.state().key());
    }
    const auto found = tasks_.find(KeyBytes(message.state().key()));
    if (found != tasks_.end()) found->second.listed = true;
  } else if (message.has_listing_complete()) {
    std::erase_if(tasks_, [this](const auto& item) {
      if (!item.second.listed) count_ -= item.second.descriptors->size();
      return !item.second.listed;
    });
  }
}

void HeldTasks::Hold(runner::v1::HeldTask task,
                     std::vector<FileDescriptor> descriptors) {
  const std::string key = KeyBytes(task.key());
  if (descriptors.empty()) return;
  Release(task.key());
  if (count_ + descriptors.size() > most_) return;
  count_ += descriptors.size();
  tasks_[key] = {std::move(task),
                 std::make_shared<const std::vector<FileDescriptor>>(
                     std::move(descriptors)),
                 /*listed=*/true};
}

void HeldTasks::Release(const v1::AttemptKey& key) {
  const auto found = tasks_.find(KeyBytes(key));
  if (found == tasks_.end()) return;
  count_ -= found->second.descriptors->size();
  tasks_.erase(found);
}

std::vector<RunnerPacket> HeldTasks::MakeReturns() const {
  std::vector<RunnerPacket> packets;
  for (const auto& [key, held] : tasks_) {
    runner::v1::AgentMessage message;
    *message.mutable_return_task()->mutable_task() = held.task;
    packets.push_back({message.SerializeAsString(), held.descriptors});
  }
  return packets;
}

}  // namespace tutti
