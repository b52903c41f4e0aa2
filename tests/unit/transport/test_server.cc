#include "tests/unit/transport/test_server.h"

#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "common/base/files.h"

namespace tutti::testing {

ClientTls MakeTls(const Credentials& credentials,
                  const Authority& controllers) {
  return {.fleet = "demo",
          .certificates_pem = credentials.CertificatesPem(),
          .key_pem = credentials.key.ToPem(),
          .controller_authority_pem = controllers.certificate().ToPem()};
}

grpc::Status TestServer::Service::GetController(
    grpc::ServerContext* context, const v1::GetControllerRequest*,
    v1::GetControllerResponse* response) {
  if (!failure_.ok()) return ToGrpc(failure_);
  const absl::StatusOr<Identity> identity =
      PeerIdentity(*context->auth_context());
  if (!identity.ok()) return ToGrpc(identity.status());
  const absl::StatusOr<Certificate> certificate =
      PeerCertificate(*context->auth_context());
  if (!certificate.ok()) return ToGrpc(certificate.status());
  if (*certificate->identity() != *identity) std::abort();
  response->set_fleet(ToUri(*identity));
  return grpc::Status::OK;
}

TestServer::TestServer(const TestAuthorities& authorities,
                       const Credentials& own, absl::Status failure)
    : service_(std::move(failure)) {
  const std::string clients = folder_.File("clients.pem");
  if (!SaveIdentity(identity_directory(), own).ok() ||
      !WriteFileAtomically(clients,
                           authorities.agents.certificate().ToPem() +
                               authorities.operators.certificate().ToPem(),
                           0644)
           .ok()) {
    std::abort();
  }
  Start(MakeServerCredentials(identity_directory(), clients, nullptr));
}

TestServer::TestServer() : service_(absl::OkStatus()) {
  Start(grpc::InsecureServerCredentials());
}

TestServer::~TestServer() { server_->Shutdown(); }

void TestServer::Start(
    const std::shared_ptr<grpc::ServerCredentials>& credentials) {
  grpc::ServerBuilder builder;
  ConfigureServer(builder);
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", credentials, &port);
  builder.RegisterService(&service_);
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) std::abort();
  address_ = "127.0.0.1:" + std::to_string(port);
}

absl::StatusOr<std::string> TestServer::Call(
    const ClientTls& tls, std::string* server_certificate) const {
  const auto stub = v1::ControllerService::NewStub(grpc::CreateCustomChannel(
      address_, MakeChannelCredentials(tls), MakeChannelArguments(true)));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::seconds(20));
  v1::GetControllerResponse response;
  const grpc::Status status = stub->GetController(&context, {}, &response);
  if (!status.ok()) return FromGrpc(status);
  if (server_certificate != nullptr) {
    *server_certificate = PeerCertificate(*context.auth_context())->ToPem();
  }
  return response.fleet();
}

}  // namespace tutti::testing
