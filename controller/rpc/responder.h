// Answers to unary calls.
#ifndef CONTROLLER_RPC_RESPONDER_H_
#define CONTROLLER_RPC_RESPONDER_H_

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/server_callback.h>

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/base/errors.h"
#include "common/transport/transport.h"
#include "controller/core_thread/core_thread.h"

namespace tutti::controller {

// Owes one answer to a call. Dropped without one, it tells the caller to try
// again: so no call hangs, whatever becomes of its event. Movable; the answer
// may be given on any thread.
template <typename Response>
class Responder {
 public:
  // Both live until the answer.
  Responder(grpc::ServerUnaryReactor& reactor, Response& response)
      : reactor_(&reactor), response_(&response) {}
  Responder(Responder&& other) noexcept
      : reactor_(std::exchange(other.reactor_, nullptr)),
        response_(other.response_) {}
  Responder& operator=(Responder&&) = delete;
  ~Responder() {
    if (reactor_ == nullptr) return;
    Finish(Unavailable(
        "the controller shuts down or has too much to do; try again"));
  }

  void operator()(absl::StatusOr<Response> answer) {
    if (reactor_ == nullptr) return;
    const absl::Status status = answer.status();
    if (status.ok()) *response_ = *std::move(answer);
    Finish(status);
  }

 private:
  void Finish(const absl::Status& status) {
    std::exchange(reactor_, nullptr)->Finish(ToGrpc(status));
  }

  grpc::ServerUnaryReactor* reactor_;
  Response* response_;
};

// Serves a unary call: `call(identity of the caller, responder)`, at once.
template <typename Response, typename Call>
grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext& context,
                                Response& response, Call call) {
  grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
  Responder<Response> responder(*reactor, response);
  absl::StatusOr<Identity> caller = PeerIdentity(*context.auth_context());
  if (caller.ok()) {
    call(*std::move(caller), std::move(responder));
  } else {
    responder(caller.status());
  }
  return reactor;
}

// The same, on the core thread: `call(core, name of the caller, request,
// responder)`. The request is copied, because the call's own goes with the
// answer.
template <typename Request, typename Response, typename Call>
grpc::ServerUnaryReactor* ServeOnCore(grpc::CallbackServerContext& context,
                                      CoreThread& core_thread,
                                      const Request& request,
                                      Response& response, Call call) {
  return Serve(context, response,
               [&](Identity caller, Responder<Response> responder) {
                 core_thread.Post([caller = std::move(caller.name), request,
                                   responder = std::move(responder),
                                   call](Core& core) mutable {
                   call(core, caller, request, std::move(responder));
                 });
               });
}

}  // namespace tutti::controller

#endif  // CONTROLLER_RPC_RESPONDER_H_
