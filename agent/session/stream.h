// The client's side of one bidirectional call.
#ifndef AGENT_SESSION_STREAM_H_
#define AGENT_SESSION_STREAM_H_

#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <list>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "common/base/executor.h"
#include "common/base/mutex.h"
#include "common/transport/transport.h"

namespace tutti::agent {

// Decodes, queues, and nothing else: what messages mean is its listener's
// business. One read and one write are in flight at most; the next read
// begins when the last message was handled, so a slow listener slows the
// sender.
//
//   Open ── a hold keeps OnDone away while the executor may start operations
//     │
//     ├─ messages, writes ...            Cancel, HalfClose, or the other side
//     │                                                     │
//     └───────────────────────> OnReadDone(false) <─────────┘
//                                     │ on the executor: no more operations,
//                                     │ the hold is given back
//                                   OnDone
//                                     │ on the executor: OnStreamClosed,
//                                     └ then the stream is deleted
//
// All methods and all of the listener's run on the executor's thread; the
// reactions only post to it. A pointer to a stream is good until its
// OnStreamClosed returns.
template <typename Request, typename Response>
class Stream final : public grpc::ClientBidiReactor<Request, Response> {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void OnStreamMessage(Stream& stream, Response message) = 0;
    // After Send returned false.
    virtual void OnStreamWritable(Stream& stream) = 0;
    // The last call for this stream.
    virtual void OnStreamClosed(Stream& stream, const absl::Status& status) = 0;
  };

  // `start` is given context and reactor for the stub's method. Send says
  // that the queue is full when it holds `queue_bytes`.
  template <typename Start>
  static Stream* Open(Executor& executor, Listener& listener,
                      size_t queue_bytes, Start start) {
    auto* stream = new Stream(executor, listener, queue_bytes);
    start(&stream->context_, stream);
    stream->AddHold();
    stream->StartRead(&stream->incoming_);
    stream->StartCall();
    return stream;
  }

  // False: full; OnStreamWritable says when there is room. The message is
  // queued all the same, or dropped when the stream is over.
  bool Send(Request message) {
    MutexLock lock(mutex_);
    if (over_ || half_closing_) return true;
    queued_bytes_ += message.ByteSizeLong();
    queue_.push_back(std::move(message));
    if (!writing_) WriteFirst();
    full_ = queued_bytes_ >= queue_bytes_;
    return !full_;
  }

  // Ends our side after what is queued.
  void HalfClose() {
    MutexLock lock(mutex_);
    if (over_ || half_closing_) return;
    half_closing_ = true;
    if (!writing_) this->StartWritesDone();
  }

  // Ends the call as soon as possible.
  void Cancel() { context_.TryCancel(); }

  // Whether anything may have reached the other side.
  bool wrote() {
    MutexLock lock(mutex_);
    return wrote_;
  }

  void OnReadDone(bool ok) override {
    executor_.Post([this, ok] {
      if (ok) {
        listener_.OnStreamMessage(*this, std::move(incoming_));
        this->StartRead(&incoming_);
        return;
      }
      EndOperations();
      this->RemoveHold();
    });
  }

  void OnWriteDone(bool ok) override {
    bool writable = false;
    {
      MutexLock lock(mutex_);
      writing_ = false;
      wrote_ = wrote_ || ok;
      queued_bytes_ -= queue_.front().ByteSizeLong();
      queue_.pop_front();
      if (!ok || over_) return;
      if (!queue_.empty()) {
        WriteFirst();
      } else if (half_closing_) {
        this->StartWritesDone();
      }
      if (full_ && queued_bytes_ < queue_bytes_) {
        full_ = false;
        writable = true;
      }
    }
    if (writable) {
      executor_.Post([this] { listener_.OnStreamWritable(*this); });
    }
  }

  void OnDone(const grpc::Status& status) override {
    executor_.Post(
        [self = std::unique_ptr<Stream>(this), status = FromGrpc(status)] {
          self->listener_.OnStreamClosed(*self, status);
        });
  }

 private:
  Stream(Executor& executor, Listener& listener, size_t queue_bytes)
      : executor_(executor), listener_(listener), queue_bytes_(queue_bytes) {}
  friend std::default_delete<Stream>;
  ~Stream() override = default;

  void WriteFirst() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    writing_ = true;
    this->StartWrite(&queue_.front());
  }

  void EndOperations() {
    MutexLock lock(mutex_);
    over_ = true;
    // The first one is gRPC's until its OnWriteDone.
    queue_.erase(writing_ ? std::next(queue_.begin()) : queue_.begin(),
                 queue_.end());
  }

  // Constant after construction.
  Executor& executor_;
  Listener& listener_;
  const size_t queue_bytes_;

  // Synchronises itself.
  grpc::ClientContext context_;
  // gRPC's while a read is in flight, otherwise the executor's.
  Response incoming_;

  // Guards against reactions; never held while the listener is called.
  Mutex mutex_;
  std::list<Request> queue_ ABSL_GUARDED_BY(mutex_);
  size_t queued_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool full_ ABSL_GUARDED_BY(mutex_) = false;
  bool half_closing_ ABSL_GUARDED_BY(mutex_) = false;
  bool over_ ABSL_GUARDED_BY(mutex_) = false;
  bool wrote_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace tutti::agent

#endif  // AGENT_SESSION_STREAM_H_
