#include "controller/cli/follow/job_control.h"

#include <sys/eventfd.h>

#include <chrono>
#include <utility>

#include "common/transport/transport.h"

namespace tutti::cli {
namespace {

// As long as a lost controller is waited for.
constexpr absl::Duration kTimeout = absl::Seconds(60);
// Between attempts, unless there is another controller before.
constexpr std::chrono::milliseconds kPause(500);

}  // namespace

JobControl::JobControl(std::shared_ptr<grpc::Channel> channel,
                       v1::JobSelector job)
    : job_(std::move(job)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      channel_(std::move(channel)) {}

JobControl::~JobControl() {
  {
    MutexLock lock(mutex_);
    done_ = true;
    if (current_ != nullptr) current_->TryCancel();
    changed_.NotifyOne();
  }
  if (thread_.joinable()) thread_.join();
}

void JobControl::Use(std::shared_ptr<grpc::Channel> channel) {
  MutexLock lock(mutex_);
  channel_ = std::move(channel);
  if (current_ != nullptr) current_->TryCancel();
  changed_.NotifyOne();
}

void JobControl::Send(JobRequest request) {
  {
    MutexLock lock(mutex_);
    requests_.push_back({request, absl::Now() + kTimeout});
    changed_.NotifyOne();
  }
  if (!thread_.joinable()) thread_ = std::thread([this] { Run(); });
}

bool JobControl::idle() {
  MutexLock lock(mutex_);
  return requests_.empty();
}

absl::Status JobControl::TakeError() {
  MutexLock lock(mutex_);
  return std::exchange(error_, absl::OkStatus());
}

void JobControl::ClearWake() {
  eventfd_t count;
  eventfd_read(wake_.get(), &count);
}

void JobControl::Run() {
  while (true) {
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    std::shared_ptr<grpc::Channel> channel;
    JobRequest request;
    {
      MutexLock lock(mutex_);
      while (requests_.empty() && !done_) changed_.Wait(mutex_);
      if (done_) return;
      request = requests_.front().request;
      context.set_deadline(absl::ToChronoTime(requests_.front().give_up));
      channel = channel_;
      current_ = &context;
    }
    const grpc::Status status = Call(request, channel, context);
    MutexLock lock(mutex_);
    current_ = nullptr;
    // All requests may be repeated, at another controller as well.
    const bool moved = channel != channel_;
    const bool broke = status.error_code() == grpc::StatusCode::UNAVAILABLE &&
                       absl::Now() < requests_.front().give_up;
    if (!status.ok() && (moved || broke)) {
      if (!moved) changed_.WaitFor(mutex_, kPause);
      continue;
    }
    requests_.pop_front();
    if (!status.ok() && error_.ok()) error_ = FromGrpc(status);
    eventfd_write(wake_.get(), 1);
  }
}

grpc::Status JobControl::Call(JobRequest request,
                              const std::shared_ptr<grpc::Channel>& channel,
                              grpc::ClientContext& context) const {
  v1::JobService::Stub stub(channel);
  if (request == JobRequest::kStop) {
    v1::StopJobRequest stop;
    *stop.mutable_job() = job_;
    v1::StopJobResponse response;
    return stub.StopJob(&context, stop, &response);
  }
  v1::HoldJobRequest hold;
  *hold.mutable_job() = job_;
  hold.set_hold(request == JobRequest::kHold);
  v1::HoldJobResponse response;
  return stub.HoldJob(&context, hold, &response);
}

}  // namespace tutti::cli
