// One WatchJob call.
#ifndef CONTROLLER_RPC_WATCH_STREAM_H_
#define CONTROLLER_RPC_WATCH_STREAM_H_

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/server_callback.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "controller/core_thread/core_thread.h"
#include "controller/rpc/watch_table.h"

namespace tutti::controller {

// Sends what the core says, one message at a time: the core makes the next one
// when this one is gone, so a slow reader costs the memory of one message.
//
//   Begin ─► [core: OpenWatch] ─► Send ─► OnWriteDone ─► [core: OnWatchReady]
//                                  ▲                             │
//                                  └─────────────────────────────┘
//   End, a cancelled call or a failed write ─► Finish (once) ─► OnDone
//
// Owned by gRPC until OnDone, and by the table and by events on their way;
// hence a shared_ptr. Send and End are thread-safe.
class WatchStream final : public grpc::ServerWriteReactor<v1::WatchJobResponse>,
                          public std::enable_shared_from_this<WatchStream> {
 public:
  // The reactor for a call.
  static WatchStream* Begin(grpc::CallbackServerContext& context,
                            const v1::WatchJobRequest& request,
                            CoreThread& core_thread, WatchTable& table);

  WatchStream(CoreThread& core_thread, WatchTable& table)
      : core_thread_(core_thread), table_(table), id_(table.NewId()) {}

  // Not before the core was told that the last one is gone.
  void Send(v1::WatchJobResponse response);
  // Once what was given to Send is on its way. The first status counts.
  void End(const absl::Status& status);

 private:
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  // True when Finish is to be called, by the caller, after unlocking.
  bool TakeFinish() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  CoreThread& core_thread_;
  WatchTable& table_;
  const WatchId id_;
  // Until OnDone.
  std::shared_ptr<WatchStream> self_;
  // The call's own while it is being sent.
  v1::WatchJobResponse response_;

  Mutex mutex_;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<absl::Status> status_ ABSL_GUARDED_BY(mutex_);
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_RPC_WATCH_STREAM_H_
