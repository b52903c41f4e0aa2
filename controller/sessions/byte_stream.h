// A bidirectional call, as bytes.
#ifndef CONTROLLER_SESSIONS_BYTE_STREAM_H_
#define CONTROLLER_SESSIONS_BYTE_STREAM_H_

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "controller/sessions/agent_streams.h"

namespace tutti::controller {

// Holds no rules: hands messages on, sends what it is given, bounded in both
// directions.
//
//   Hold ─ BeginReading ─► OnMessage … OnMessage ─► End (once) ─► OnClosed
//                            │ over kMaxUnprocessedBytes: no more is read
//                            └ until Consumed has made room
//
// It is owned by gRPC from Hold to OnDone, and by whoever keeps the pointer
// that it was made with; hence a shared_ptr. Write, End and Consumed are
// thread-safe; hooks are called by gRPC's threads, one at a time.
class ByteStream
    : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  explicit ByteStream(grpc::CallbackServerContext& context)
      : context_(context) {}

  // Until OnDone. First of all.
  void Hold(std::shared_ptr<ByteStream> self) { self_ = std::move(self); }
  void BeginReading();
  // Queued behind what is there. Without effect after End. A peer that lets
  // kMaxUnsentBytes pile up loses its call.
  void Write(grpc::ByteBuffer message);
  // Sends what was given to Write, then the status. The first one counts.
  void End(const absl::Status& status);
  // A message of that size needs no memory any longer.
  void Consumed(size_t bytes);

 protected:
  // A message, which may be emptied. Must be followed, in time, by Consumed
  // with the length that it had.
  virtual void OnMessage(grpc::ByteBuffer& message) = 0;
  // Nothing comes any more. `self` is what keeps the object alive.
  virtual void OnClosed(std::shared_ptr<ByteStream> self) = 0;

 private:
  void OnReadDone(bool ok) final;
  void OnWriteDone(bool ok) final;
  void OnCancel() final;
  void OnDone() final;

  // Takes the next message for StartWrite; false when there is none.
  bool TakeNextWrite() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // True when Finish is to be called, by the caller, after unlocking: there is
  // a status and nothing is being sent.
  bool TakeFinish() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  grpc::CallbackServerContext& context_;
  std::shared_ptr<ByteStream> self_;
  // The call's own while it reads or writes.
  grpc::ByteBuffer inbound_;
  grpc::ByteBuffer outbound_;

  Mutex mutex_;
  size_t unprocessed_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool reading_paused_ ABSL_GUARDED_BY(mutex_) = false;
  // Sent up to `next_unsent_`. A vector, because most are empty for ever.
  std::vector<grpc::ByteBuffer> unsent_ ABSL_GUARDED_BY(mutex_);
  size_t next_unsent_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t unsent_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<absl::Status> status_ ABSL_GUARDED_BY(mutex_);
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_SESSIONS_BYTE_STREAM_H_
