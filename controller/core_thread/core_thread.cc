#include "controller/core_thread/core_thread.h"

#include <algorithm>
#include <utility>

namespace tutti::controller {
namespace {

// Deadlines are times of day, which may be set; so look again now and then.
constexpr absl::Duration kLongestWait = absl::Seconds(5);

}  // namespace

CoreThread::~CoreThread() { Stop(); }

void CoreThread::Stop() {
  if (!thread_.joinable()) return;
  Message message;
  message.end = true;
  queue_.Push(std::move(message));
  thread_.join();
}

void CoreThread::Start(std::unique_ptr<Core> core) {
  core_ = std::move(core);
  thread_ = std::thread([this] { Run(); });
}

void CoreThread::Post(Event event) {
  Message message;
  message.event = std::move(event);
  queue_.Push(std::move(message));
}

void CoreThread::RetireCoreAfter(absl::Duration delay) {
  Message message;
  message.retire_at = clock_.Now() + delay;
  queue_.Push(std::move(message));
}

void CoreThread::Run() {
  while (Handle(queue_.TakeAll(TimeToWait()))) {
    if (core_ == nullptr) continue;
    const absl::Time now = clock_.Now();
    if (now >= retire_at_) {
      core_.reset();
    } else if (now >= core_->NextDeadline()) {
      core_->OnTime();
    }
  }
  core_.reset();
}

bool CoreThread::Handle(std::vector<Message> messages) {
  bool go_on = true;
  for (Message& message : messages) {
    retire_at_ = std::min(retire_at_, message.retire_at);
    if (message.end) go_on = false;
    if (message.event != nullptr && core_ != nullptr) {
      message.event(*core_);
    }
    // What an event holds goes before the next one runs.
    message.event = nullptr;
  }
  return go_on;
}

absl::Duration CoreThread::TimeToWait() const {
  if (core_ == nullptr) return absl::InfiniteDuration();
  const absl::Time next = std::min(retire_at_, core_->NextDeadline());
  return std::clamp(next - clock_.Now(), absl::ZeroDuration(), kLongestWait);
}

}  // namespace tutti::controller
