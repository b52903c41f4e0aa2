// The agents' service of a controller, played from a script.
#ifndef TESTS_UNIT_AGENT_SCRIPTED_CONTROLLER_H_
#define TESTS_UNIT_AGENT_SCRIPTED_CONTROLLER_H_

#include <grpcpp/grpcpp.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "common/base/mutex.h"
#include "common/identity/authority.h"
#include "common/transport/transport.h"
#include "tests/support/temporary_directory.h"
#include "tutti/v1/agents.grpc.pb.h"

namespace tutti::testing {

// Listens on a port of loopback with mutual TLS. Each session plays the next
// scene; sessions beyond the last one are UNAVAILABLE.
class ScriptedController final : public v1::AgentService::Service {
 public:
  using SessionStream =
      grpc::ServerReaderWriter<v1::SessionResponse, v1::SessionRequest>;
  using OutputStream =
      grpc::ServerReaderWriter<v1::SendOutputResponse, v1::SendOutputRequest>;
  using Scene = std::function<grpc::Status(SessionStream&)>;
  using OutputScene = std::function<grpc::Status(OutputStream&)>;

  explicit ScriptedController(std::deque<Scene> scenes,
                              OutputScene output = nullptr);
  ~ScriptedController() override;

  const std::string& address() const { return address_; }
  // What an agent of the fleet shows, good until `life` from now.
  ClientTls AgentTls(absl::Duration life = absl::Hours(24)) const;
  int sessions();

  grpc::Status Session(grpc::ServerContext* context,
                       SessionStream* stream) override;
  grpc::Status SendOutput(grpc::ServerContext* context,
                          OutputStream* stream) override;

 private:
  const Authority controllers_;
  const Authority agents_;
  const OutputScene output_;
  TemporaryDirectory folder_;
  std::string address_;
  Mutex mutex_;
  std::deque<Scene> scenes_ ABSL_GUARDED_BY(mutex_);
  int sessions_ ABSL_GUARDED_BY(mutex_) = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace tutti::testing

#endif  // TESTS_UNIT_AGENT_SCRIPTED_CONTROLLER_H_
