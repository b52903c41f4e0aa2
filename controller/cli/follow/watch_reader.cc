#include "controller/cli/follow/watch_reader.h"

#include <sys/eventfd.h>

#include <utility>

namespace tutti::cli {
namespace {

// A message is about 256 KiB at most.
constexpr size_t kMaxEvents = 8;

}  // namespace

WatchReader::WatchReader(std::shared_ptr<grpc::Channel> channel,
                         v1::WatchJobRequest request)
    : channel_(std::move(channel)),
      request_(std::move(request)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  thread_ = std::thread([this] { Read(); });
}

WatchReader::~WatchReader() {
  context_.TryCancel();
  {
    MutexLock lock(mutex_);
    cancelled_ = true;
    taken_.NotifyOne();
  }
  thread_.join();
}

std::optional<WatchReader::Event> WatchReader::Take() {
  MutexLock lock(mutex_);
  if (events_.empty()) return std::nullopt;
  Event event = std::move(events_.front());
  events_.pop_front();
  taken_.NotifyOne();
  eventfd_t count;
  if (events_.empty()) eventfd_read(wake_.get(), &count);
  return event;
}

void WatchReader::Read() {
  v1::JobService::Stub stub(channel_);
  const auto stream = stub.WatchJob(&context_, request_);
  while (true) {
    auto message = std::make_unique<v1::WatchJobResponse>();
    if (!stream->Read(message.get())) break;
    Push({std::move(message), grpc::Status::OK});
  }
  Push({nullptr, stream->Finish()});
}

void WatchReader::Push(Event event) {
  MutexLock lock(mutex_);
  while (events_.size() >= kMaxEvents && !cancelled_) taken_.Wait(mutex_);
  events_.push_back(std::move(event));
  if (events_.size() == 1) eventfd_write(wake_.get(), 1);
}

}  // namespace tutti::cli
