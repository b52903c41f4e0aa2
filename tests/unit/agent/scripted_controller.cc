#include "tests/unit/agent/scripted_controller.h"

#include <fmt/format.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "common/base/files.h"
#include "common/identity/identity_directory.h"
#include "tests/unit/identity/test_identities.h"

namespace tutti::testing {

ScriptedController::ScriptedController(std::deque<Scene> scenes,
                                       OutputScene output)
    : controllers_(MakeAuthority(Role::kController, "demo", absl::Now())),
      agents_(MakeAuthority(Role::kAgent, "demo", absl::Now())),
      output_(std::move(output)),
      scenes_(std::move(scenes)) {
  const Credentials own = MakeCredentials(
      controllers_, {Role::kController, "demo", "c"}, absl::Now());
  const std::string clients = folder_.File("clients.pem");
  if (!SaveIdentity(folder_.File("identity"), own).ok() ||
      !WriteFileAtomically(clients, agents_.certificate().ToPem(), 0644).ok()) {
    std::abort();
  }
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(
      "127.0.0.1:0",
      MakeServerCredentials(folder_.File("identity"), clients, nullptr), &port);
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) std::abort();
  address_ = fmt::format("127.0.0.1:{}", port);
}

ScriptedController::~ScriptedController() {
  server_->Shutdown(std::chrono::system_clock::now());
}

ClientTls ScriptedController::AgentTls(absl::Duration life) const {
  // Issued in the past, so that a negative life is possible.
  const absl::Time issued = absl::Now() - absl::Hours(1);
  const Credentials own = MakeCredentials(
      agents_, {Role::kAgent, "demo", "web01"}, issued, life + absl::Hours(1));
  return {"demo", own.CertificatesPem(), own.key.ToPem(),
          controllers_.certificate().ToPem()};
}

int ScriptedController::sessions() {
  MutexLock lock(mutex_);
  return sessions_;
}

grpc::Status ScriptedController::Session(grpc::ServerContext*,
                                         SessionStream* stream) {
  Scene scene;
  {
    MutexLock lock(mutex_);
    ++sessions_;
    if (scenes_.empty()) return {grpc::StatusCode::UNAVAILABLE, "it drains"};
    scene = std::move(scenes_.front());
    scenes_.pop_front();
  }
  return scene(*stream);
}

grpc::Status ScriptedController::SendOutput(grpc::ServerContext*,
                                            OutputStream* stream) {
  return output_(*stream);
}

}  // namespace tutti::testing
