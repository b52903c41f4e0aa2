// One UploadContent call.
#ifndef CONTROLLER_RPC_UPLOAD_STREAM_H_
#define CONTROLLER_RPC_UPLOAD_STREAM_H_

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/server_callback.h>

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "controller/contents/content_store.h"
#include "controller/core_thread/core_thread.h"
#include "controller/rpc/worker_thread.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::controller {

// Hands what comes to the worker, message by message: the next one is read
// when this one is on the disk, so an upload costs the memory of one message.
//
//   Begin ─► OnReadDone ─► [worker: Take] ─► StartRead ─► OnReadDone …
//                └ no more ─► [worker: store it] ─► Finish (once) ─► OnDone
//
// Owned by gRPC until OnDone; whoever has the turn alone touches it.
class UploadStream final
    : public grpc::ServerReadReactor<v1::UploadContentRequest> {
 public:
  // The reactor for a call.
  static UploadStream* Begin(grpc::CallbackServerContext& context,
                             CoreThread& core_thread, WorkerThread& worker,
                             ContentStore& contents);

 private:
  class Turn;

  UploadStream(CoreThread& core_thread, WorkerThread& worker,
               ContentStore& contents)
      : core_thread_(core_thread), worker_(worker), contents_(contents) {}

  void OnReadDone(bool ok) override;
  void OnDone() override { delete this; }

  // On the worker.
  void Take(Turn turn);
  // Asks the core what is still used, and makes room for the upload.
  void TakeHeader(Turn turn);
  absl::Status Start(const std::set<std::string>& used);

  CoreThread& core_thread_;
  WorkerThread& worker_;
  ContentStore& contents_;
  v1::UploadContentRequest request_;
  std::optional<ContentUpload> upload_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_RPC_UPLOAD_STREAM_H_
