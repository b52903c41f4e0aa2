#include "common/runner_client/runner_client.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/base/errors.h"
#include "common/base/file_descriptor.h"
#include "common/base/log.h"
#include "common/base/mutex.h"
#include "common/runner_client/held_tasks.h"
#include "common/runner_client/runner_protocol.h"
#include "common/runner_client/runner_socket.h"

namespace tutti {
namespace {

constexpr int kReconnectMilliseconds = 200;
// For a runner that does not read.
constexpr size_t kMaxQueuedBytes = 64 << 20;

}  // namespace

class RunnerClient::Implementation {
 public:
  Implementation(std::string socket_path, Callbacks callbacks)
      : path_(std::move(socket_path)),
        callbacks_(std::move(callbacks)),
        wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        thread_([this] { Run(); }) {}

  ~Implementation() {
    {
      MutexLock lock(mutex_);
      ending_ = true;
    }
    Wake();
    thread_.join();
  }

  void Send(const runner::v1::AgentMessage& message) {
    SendOrQueue({message.SerializeAsString(), {}});
  }

  void Release(const v1::AttemptKey& key) {
    runner::v1::AgentMessage message;
    *message.mutable_release()->mutable_key() = key;
    Send(message);
    MutexLock lock(mutex_);
    held_.Release(key);
  }

  // Drops it when there is no line: the agent starts again after a listing.
  void SendOrQueue(RunnerPacket packet) {
    MutexLock lock(mutex_);
    if (!socket_.valid() || broken_) return;
    if (queue_.empty()) {
      const absl::Status status = SendPacket(socket_.get(), packet);
      if (status.ok()) return;
      if (!absl::IsUnavailable(status)) {
        Break();
        return;
      }
    }
    if (queued_bytes_ + packet.bytes.size() > kMaxQueuedBytes) {
      log::Error("the runner does not read what it is sent");
      Break();
      return;
    }
    queued_bytes_ += packet.bytes.size();
    queue_.push_back(std::move(packet));
    if (queue_.size() == 1) Wake();
  }

 private:
  void Wake() {
    const uint64_t one = 1;
    // Can not fail: the counter does not come near its limit.
    [[maybe_unused]] const ssize_t n = write(wake_.get(), &one, sizeof one);
  }

  bool ending() {
    MutexLock lock(mutex_);
    return ending_;
  }

  // Until the destructor or, if not negative, the timeout. True: go on.
  bool WaitForWake(int timeout) {
    pollfd waited = {wake_.get(), POLLIN, 0};
    poll(&waited, 1, timeout);
    return !ending();
  }

  void Run() {
    bool told = false;
    while (!ending()) {
      absl::StatusOr<FileDescriptor> connected = ConnectToRunner(path_);
      if (!connected.ok()) {
        if (!std::exchange(told, true)) {
          callbacks_.on_disconnected(connected.status());
        }
        if (!WaitForWake(kReconnectMilliseconds)) return;
        continue;
      }
      const absl::Status status = Serve(*std::move(connected));
      if (ending()) return;
      told = true;
      callbacks_.on_disconnected(status);
      if (!WaitForWake(kReconnectMilliseconds)) return;
    }
  }

  // Returns when the line is lost, or on the way out.
  absl::Status Serve(FileDescriptor connected) {
    const int socket = connected.get();
    std::vector<RunnerPacket> returns;
    {
      MutexLock lock(mutex_);
      socket_ = std::move(connected);
      broken_ = false;
      returns = held_.MakeReturns();
    }
    runner::v1::AgentMessage hello;
    hello.mutable_hello()->set_version(kRunnerProtocolVersion);
    hello.mutable_hello()->set_returned_tasks(
        static_cast<uint32_t>(returns.size()));
    Send(hello);
    for (RunnerPacket& packet : returns) SendOrQueue(std::move(packet));
    absl::Status status;
    while (status.ok() && !ending()) status = Step(socket);
    MutexLock lock(mutex_);
    queue_.clear();
    queued_bytes_ = 0;
    socket_.Reset();
    return status;
  }

  absl::Status Step(int socket) {
    pollfd waited[] = {{socket, POLLIN, 0}, {wake_.get(), POLLIN, 0}};
    {
      MutexLock lock(mutex_);
      if (!queue_.empty()) waited[0].events |= POLLOUT;
    }
    if (poll(waited, 2, -1) < 0 && errno != EINTR) {
      return SystemError(errno, "wait for the runner");
    }
    if (waited[1].revents != 0) {
      uint64_t count;
      [[maybe_unused]] const ssize_t n =
          read(wake_.get(), &count, sizeof count);
    }
    if ((waited[0].revents & POLLOUT) != 0) SendQueued();
    if ((waited[0].revents & (POLLIN | POLLHUP | POLLERR)) == 0) {
      return absl::OkStatus();
    }
    return ReceiveAll(socket);
  }

  absl::Status ReceiveAll(int socket) {
    while (!ending()) {
      absl::StatusOr<ReceivedMessage> received = ReceiveMessage(socket);
      if (absl::IsUnavailable(received.status())) return absl::OkStatus();
      if (!received.ok()) return received.status();
      const bool hold = received->message.has_hold_task();
      {
        MutexLock lock(mutex_);
        held_.OnMessage(*received);
      }
      if (!hold) callbacks_.on_message(std::move(received->message));
    }
    return absl::OkStatus();
  }

  // The reading thread notices and connects again.
  void Break() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    broken_ = true;
    shutdown(socket_.get(), SHUT_RDWR);
  }

  void SendQueued() {
    MutexLock lock(mutex_);
    while (!queue_.empty() && !broken_) {
      const absl::Status status = SendPacket(socket_.get(), queue_.front());
      if (absl::IsUnavailable(status)) return;
      if (!status.ok()) Break();
      queued_bytes_ -= queue_.front().bytes.size();
      queue_.pop_front();
    }
  }

  const std::string path_;
  // The thread's alone.
  Callbacks callbacks_;
  const FileDescriptor wake_;

  Mutex mutex_;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  // Sending failed: the reading thread is about to notice.
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;
  // Closed by the thread alone, so that it may read without the lock.
  FileDescriptor socket_ ABSL_GUARDED_BY(mutex_);
  std::deque<RunnerPacket> queue_ ABSL_GUARDED_BY(mutex_);
  size_t queued_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  HeldTasks held_ ABSL_GUARDED_BY(mutex_);
  // Last: it uses everything above.
  std::thread thread_;
};

RunnerClient::RunnerClient(std::string socket_path, Callbacks callbacks)
    : implementation_(std::make_unique<Implementation>(std::move(socket_path),
                                                       std::move(callbacks))) {}

RunnerClient::~RunnerClient() = default;

void RunnerClient::Start(runner::v1::StartAttempt start) {
  absl::StatusOr<RunnerPacket> packet = MakeStartPacket(std::move(start));
  if (!packet.ok()) {
    log::Error("cannot hand a job to the runner: {}", TextOf(packet.status()));
    return;
  }
  implementation_->SendOrQueue(*std::move(packet));
}

void RunnerClient::Stop(const v1::AttemptKey& key, const v1::StopRule& rule) {
  runner::v1::AgentMessage message;
  *message.mutable_stop()->mutable_key() = key;
  *message.mutable_stop()->mutable_rule() = rule;
  implementation_->Send(message);
}

void RunnerClient::Suspend(const v1::AttemptKey& key, bool suspend) {
  runner::v1::AgentMessage message;
  *message.mutable_suspend()->mutable_key() = key;
  message.mutable_suspend()->set_suspend(suspend);
  implementation_->Send(message);
}

void RunnerClient::GiveInput(const v1::AttemptKey& key, std::string chunk) {
  runner::v1::AgentMessage message;
  *message.mutable_give_input()->mutable_key() = key;
  message.mutable_give_input()->set_chunk(std::move(chunk));
  implementation_->Send(message);
}

void RunnerClient::AcknowledgeOutput(const v1::AttemptKey& key,
                                     uint64_t position) {
  runner::v1::AgentMessage message;
  *message.mutable_acknowledge_output()->mutable_key() = key;
  message.mutable_acknowledge_output()->set_position(position);
  implementation_->Send(message);
}

void RunnerClient::Release(const v1::AttemptKey& key) {
  implementation_->Release(key);
}

}  // namespace tutti
