#include "controller/rpc/watch_stream.h"

#include <utility>

#include "common/transport/transport.h"

namespace tutti::controller {

WatchStream* WatchStream::Begin(grpc::CallbackServerContext& context,
                                const v1::WatchJobRequest& request,
                                CoreThread& core_thread, WatchTable& table) {
  auto stream = std::make_shared<WatchStream>(core_thread, table);
  stream->self_ = stream;
  const absl::StatusOr<Identity> caller = PeerIdentity(*context.auth_context());
  if (!caller.ok()) {
    stream->End(caller.status());
    return stream.get();
  }
  core_thread.Post([stream, caller = caller->name, request](Core& core) {
    stream->table_.Add(stream->id_, stream);
    // Not when it was ended at once.
    if (!stream->table_.Contains(stream->id_)) return;
    core.OpenWatch(stream->id_, caller, request);
  });
  return stream.get();
}

void WatchStream::Send(v1::WatchJobResponse response) {
  {
    MutexLock lock(mutex_);
    if (status_.has_value() || writing_) return;
    writing_ = true;
  }
  response_ = std::move(response);
  StartWrite(&response_);
}

void WatchStream::End(const absl::Status& status) {
  {
    MutexLock lock(mutex_);
    if (status_.has_value()) return;
    status_ = status;
    if (!TakeFinish()) return;
  }
  Finish(ToGrpc(status));
}

void WatchStream::OnWriteDone(bool ok) {
  std::optional<absl::Status> finish_with;
  {
    MutexLock lock(mutex_);
    writing_ = false;
    if (!ok && !status_.has_value()) {
      status_ = absl::CancelledError("cancelled");
    }
    if (TakeFinish()) finish_with = *status_;
  }
  if (finish_with.has_value()) {
    Finish(ToGrpc(*finish_with));
    return;
  }
  core_thread_.Post([self = shared_from_this()](Core& core) {
    if (self->table_.Contains(self->id_)) core.OnWatchReady(self->id_);
  });
}

void WatchStream::OnCancel() { End(absl::CancelledError("cancelled")); }

void WatchStream::OnDone() {
  core_thread_.Post([self = std::move(self_)](Core& core) {
    if (self->table_.Remove(self->id_)) core.OnWatchClosed(self->id_);
  });
}

bool WatchStream::TakeFinish() {
  if (!status_.has_value() || writing_ || finished_) return false;
  finished_ = true;
  return true;
}

}  // namespace tutti::controller
