#include "controller/cli/input/input_sender.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "common/base/errors.h"
#include "common/signing/input_chunk.h"
#include "common/transport/transport.h"
#include "controller/cli/connection.h"
#include "controller/cli/input/raw_terminal.h"

namespace tutti::cli {
namespace {

// The controller ends a job whose input has not been heard of for a minute.
constexpr int kTellEveryMilliseconds = 15'000;
// A call waits for room for ten seconds at most.
constexpr absl::Duration kCallWithin = absl::Seconds(20);
constexpr int kRetryMilliseconds = 300;

bool IsReadable(int descriptor) {
  pollfd waited = {descriptor, POLLIN, 0};
  return poll(&waited, 1, 0) > 0;
}

}  // namespace

InputSender::InputSender(InputSigner signer, Options options)
    : options_(options),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      changed_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      queue_(std::move(signer)) {}

InputSender::~InputSender() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    if (call_ != nullptr) call_->TryCancel();
  }
  eventfd_write(wake_.get(), 1);
  if (thread_.joinable()) thread_.join();
}

void InputSender::Begin(std::shared_ptr<grpc::Channel> channel, uint64_t job) {
  Use(std::move(channel));
  job_.set_number(job);
  thread_ = std::thread([this] { Run(); });
}

void InputSender::Use(std::shared_ptr<grpc::Channel> channel) {
  MutexLock lock(mutex_);
  channel_ = std::move(channel);
  if (call_ != nullptr) call_->TryCancel();
}

void InputSender::OnResize() {
  {
    MutexLock lock(mutex_);
    resized_ = true;
  }
  eventfd_write(wake_.get(), 1);
}

bool InputSender::delivered() {
  MutexLock lock(mutex_);
  return delivered_;
}

bool InputSender::failed() {
  MutexLock lock(mutex_);
  return failed_;
}

bool InputSender::escaped() {
  MutexLock lock(mutex_);
  return escaped_;
}

std::vector<std::string> InputSender::TakeNotices() {
  MutexLock lock(mutex_);
  return std::exchange(notices_, {});
}

void InputSender::ClearWake() {
  eventfd_t count;
  eventfd_read(changed_.get(), &count);
}

void InputSender::NoteChange() { eventfd_write(changed_.get(), 1); }

void InputSender::Note(std::string notice) {
  {
    MutexLock lock(mutex_);
    notices_.push_back(std::move(notice));
  }
  NoteChange();
}

bool InputSender::stopping() {
  MutexLock lock(mutex_);
  return stopping_;
}

// --- the thread ---

void InputSender::Run() {
  while (!stopping() && Step()) {
  }
}

bool InputSender::Step() {
  // The first answer says where to begin.
  const grpc::Status sent = Send();
  if (stopping()) return false;
  if (!sent.ok() && !IsPassing(sent.error_code())) {
    Fail(FromGrpc(sent));
    return false;
  }
  {
    MutexLock lock(mutex_);
    delivered_ = queue_.delivered();
  }
  // What all have been given may have to be said again to a controller that is
  // started anew.
  if (queue_.closed()) return false;
  if (!sent.ok()) {
    poll(nullptr, 0, kRetryMilliseconds);
    return true;
  }
  // A full window: the next call waits for room.
  if (queue_.has_work() || (!queue_.has_room() && !queue_.ended())) return true;
  return WaitForWork();
}

// Until there is something to send, or it is time to say that we are there.
bool InputSender::WaitForWork() {
  const bool reads = queue_.has_room();
  pollfd waited[] = {{wake_.get(), POLLIN, 0},
                     {options_.descriptor, POLLIN, 0}};
  const int ready = poll(waited, reads ? 2 : 1, kTellEveryMilliseconds);
  if (ready < 0 && errno != EINTR) {
    Fail(SystemError(errno, "wait for standard input"));
    return false;
  }
  if (waited[0].revents != 0) {
    eventfd_t count;
    eventfd_read(wake_.get(), &count);
  }
  bool resized = false;
  {
    MutexLock lock(mutex_);
    resized = std::exchange(resized_, false);
  }
  if (resized && queue_.has_room()) {
    if (const absl::Status added =
            queue_.AddWindowSize(WindowSizeOf(options_.descriptor));
        !added.ok()) {
      Fail(added);
    }
  }
  if (reads && waited[1].revents != 0) Read();
  return true;
}

void InputSender::Read() {
  std::array<char, kMaxInputChunkBytes> buffer;
  do {
    const ssize_t size =
        read(options_.descriptor, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) {
      Fail(SystemError(errno, "read standard input"));
      return;
    }
    if (size == 0) return OnEnd();
    TakeTyped(std::string(buffer.data(), static_cast<size_t>(size)));
  } while (queue_.has_room() && IsReadable(options_.descriptor));
}

void InputSender::TakeTyped(std::string typed) {
  if (options_.is_terminal) typed = escape_.Pass(typed);
  if (!typed.empty()) {
    if (const absl::Status added = queue_.AddData(std::move(typed));
        !added.ok()) {
      Fail(added);
    }
  }
  if (!options_.is_terminal || !escape_.escaped()) return;
  {
    MutexLock lock(mutex_);
    escaped_ = true;
  }
  NoteChange();
}

void InputSender::OnEnd() {
  if (const absl::Status added = queue_.AddEnd(); !added.ok()) Fail(added);
}

grpc::Status InputSender::Send() {
  v1::SendInputRequest request = queue_.MakeRequest();
  *request.mutable_job() = job_;
  std::shared_ptr<grpc::Channel> channel;
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kCallWithin));
  {
    MutexLock lock(mutex_);
    if (stopping_) return grpc::Status::OK;
    call_ = &context;
    channel = channel_;
  }
  v1::SendInputResponse response;
  v1::JobService::Stub stub(channel);
  grpc::Status status = stub.SendInput(&context, request, &response);
  {
    MutexLock lock(mutex_);
    call_ = nullptr;
  }
  if (!status.ok()) return status;
  queue_.OnAnswer(response);
  OnAnswer(response);
  return status;
}

void InputSender::OnAnswer(const v1::SendInputResponse& response) {
  if (response.left_behind() != left_behind_) {
    left_behind_ = response.left_behind();
    Note(fmt::format("left behind, because they did not take the input: {}",
                     left_behind_));
  }
  if (response.slowest() == slowest_) return;
  slowest_ = response.slowest();
  if (!slowest_.empty()) {
    Note(fmt::format("the input waits for {}", slowest_));
  }
}

void InputSender::Fail(const absl::Status& why) {
  {
    MutexLock lock(mutex_);
    stopping_ = failed_ = true;
  }
  Note(fmt::format("the input ends here: {}", TextOf(why)));
}

}  // namespace tutti::cli
