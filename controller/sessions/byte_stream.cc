#include "controller/sessions/byte_stream.h"

#include <utility>

#include "common/base/errors.h"
#include "common/transport/transport.h"

namespace tutti::controller {

void ByteStream::BeginReading() {
  MutexLock lock(mutex_);
  if (!finished_) StartRead(&inbound_);
}

void ByteStream::Write(grpc::ByteBuffer message) {
  bool too_much = false;
  {
    MutexLock lock(mutex_);
    if (status_.has_value()) return;
    unsent_bytes_ += message.Length();
    unsent_.push_back(std::move(message));
    too_much = unsent_bytes_ > kMaxUnsentBytes;
    if (too_much) {
      status_ = ResourceExhausted("{} bytes wait to be read by the peer",
                                  unsent_bytes_);
    } else if (writing_ || !TakeNextWrite()) {
      return;
    }
  }
  if (too_much) {
    // What is being sent would never be done otherwise.
    context_.TryCancel();
  } else {
    StartWrite(&outbound_);
  }
}

void ByteStream::End(const absl::Status& status) {
  {
    MutexLock lock(mutex_);
    if (status_.has_value()) return;
    status_ = status;
    if (!TakeFinish()) return;
  }
  Finish(ToGrpc(status));
}

void ByteStream::Consumed(size_t bytes) {
  MutexLock lock(mutex_);
  unprocessed_bytes_ -= bytes;
  if (!reading_paused_ || unprocessed_bytes_ > kMaxUnprocessedBytes / 2) return;
  reading_paused_ = false;
  // Under the lock: once Finish was called the call may be gone.
  if (!finished_) StartRead(&inbound_);
}

void ByteStream::OnReadDone(bool ok) {
  if (!ok) {
    End(absl::OkStatus());
    return;
  }
  grpc::ByteBuffer message;
  message.Swap(&inbound_);
  bool go_on = true;
  {
    MutexLock lock(mutex_);
    if (finished_) return;
    unprocessed_bytes_ += message.Length();
    go_on = unprocessed_bytes_ <= kMaxUnprocessedBytes;
    reading_paused_ = !go_on;
  }
  OnMessage(message);
  if (go_on) StartRead(&inbound_);
}

void ByteStream::OnWriteDone(bool ok) {
  absl::Status status;
  bool finish = false;
  {
    MutexLock lock(mutex_);
    writing_ = false;
    if (!ok) {
      unsent_.clear();
      next_unsent_ = 0;
      if (!status_.has_value()) status_ = absl::CancelledError("cancelled");
    }
    if (!TakeNextWrite()) {
      if (!TakeFinish()) return;
      finish = true;
      status = *status_;
    }
  }
  if (finish) {
    Finish(ToGrpc(status));
  } else {
    StartWrite(&outbound_);
  }
}

// Reading notices as well, unless it is paused.
void ByteStream::OnCancel() { End(absl::CancelledError("cancelled")); }

void ByteStream::OnDone() {
  std::shared_ptr<ByteStream> self = std::move(self_);
  OnClosed(std::move(self));
}

bool ByteStream::TakeNextWrite() {
  if (next_unsent_ == unsent_.size()) {
    unsent_.clear();
    next_unsent_ = 0;
    outbound_.Clear();
    return false;
  }
  outbound_.Clear();
  outbound_.Swap(&unsent_[next_unsent_]);
  ++next_unsent_;
  // Behind a slow peer the queue may not be empty for long.
  if (next_unsent_ >= 64 && next_unsent_ * 2 > unsent_.size()) {
    unsent_.erase(unsent_.begin(), unsent_.begin() + next_unsent_);
    next_unsent_ = 0;
  }
  unsent_bytes_ -= outbound_.Length();
  writing_ = true;
  return true;
}

bool ByteStream::TakeFinish() {
  if (!status_.has_value() || writing_ || finished_) return false;
  finished_ = true;
  return true;
}

}  // namespace tutti::controller
