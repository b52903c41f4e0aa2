#include "tests/unit/enrollment/test_controller.h"

#include <cstdlib>
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "common/base/duration.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "common/identity/identity_directory.h"
#include "common/transport/transport.h"
#include "controller/enrollment/fleet_init.h"

namespace tutti::testing {

using controller::CertificateIssuer;
using controller::IssuedCertificate;
using controller::JournalBatch;

grpc::Status TestController::Service::Enroll(grpc::ServerContext* context,
                                             const v1::EnrollRequest* request,
                                             v1::EnrollResponse* response) {
  return ToGrpc(controller_.Enroll(*PeerIdentity(*context->auth_context()),
                                   *request, *response));
}

grpc::Status TestController::Service::Renew(grpc::ServerContext* context,
                                            const v1::RenewRequest* request,
                                            v1::RenewResponse* response) {
  return ToGrpc(controller_.Renew(*PeerIdentity(*context->auth_context()),
                                  *PeerCertificate(*context->auth_context()),
                                  *request, *response));
}

TestController::TestController() : service_(*this) {
  if (!controller::InitFleet("demo", folder_.File("c"), {}, absl::Now()).ok()) {
    std::abort();
  }
  issuer_ = *CertificateIssuer::Load(folder_.File("c"), absl::Hours(24 * 30));
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(
      "127.0.0.1:0",
      MakeServerCredentials(folder_.File("c/identity"),
                            folder_.File("c/authorities/clients.pem"), nullptr),
      &port);
  builder.RegisterService(&service_);
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) std::abort();
  address_ = "127.0.0.1:" + std::to_string(port);
}

TestController::~TestController() { server_->Shutdown(); }

std::string TestController::Read(const std::string& name) const {
  return *ReadFile(folder_.File("c/" + name));
}

JoinToken TestController::MakeToken(const std::string& id,
                                    const std::string& names, uint32_t uses) {
  v1::CreateTokenRequest request;
  *request.mutable_life() = ToProto(absl::Hours(1));
  request.set_uses(uses);
  request.set_names(names);
  JournalBatch batch;
  MutexLock lock(mutex_);
  if (!registry_.CreateToken(request, id, "admin", absl::Now(), batch).ok()) {
    std::abort();
  }
  const PrivateKey key = *PrivateKey::Generate();
  const IssuedCertificate issued = *issuer_->IssueBootstrap(
      id, *key.MakeSigningRequest(), absl::Now(), absl::Now() + absl::Hours(1));
  return {
      .id = id,
      .fleet = "demo",
      .controllers = {address_},
      .controller_authority = Read("authorities/controllers/certificate.pem"),
      .operator_authority = Read("authorities/operators.pem"),
      .bootstrap_certificate =
          Certificate::FromDer(issued.certificates[0])->ToPem(),
      .bootstrap_key = key.ToPem()};
}

void TestController::RevokeToken(const std::string& id) {
  JournalBatch batch;
  MutexLock lock(mutex_);
  if (!registry_.RevokeToken(id, batch).ok()) std::abort();
}

void TestController::RemoveAgent(const std::string& name) {
  JournalBatch batch;
  MutexLock lock(mutex_);
  if (!registry_.Remove(name, batch).ok()) std::abort();
}

void TestController::AnswerWithFleet(const std::string& fleet) {
  MutexLock lock(mutex_);
  fleet_ = fleet;
}

void TestController::AnswerWithKeyOf(const std::string& signing_request) {
  MutexLock lock(mutex_);
  other_request_ = signing_request;
}

absl::Status TestController::Enroll(const Identity& caller,
                                    const v1::EnrollRequest& request,
                                    v1::EnrollResponse& response) {
  MutexLock lock(mutex_);
  TUTTI_ASSIGN_OR_RETURN(
      const IssuedCertificate issued,
      issuer_->IssueAgent(
          request.name(),
          other_request_.empty() ? request.signing_request() : other_request_,
          absl::Now()));
  JournalBatch batch;
  TUTTI_RETURN_IF_ERROR(
      registry_.Enroll(caller.name, request.name(), issued.key_fingerprint,
                       issued.expires_at, absl::Now(), batch));
  response.add_certificates(issued.certificates[0]);
  response.set_fleet(fleet_);
  return absl::OkStatus();
}

absl::Status TestController::Renew(const Identity& caller,
                                   const Certificate& certificate,
                                   const v1::RenewRequest& request,
                                   v1::RenewResponse& response) {
  MutexLock lock(mutex_);
  TUTTI_ASSIGN_OR_RETURN(
      const IssuedCertificate issued,
      issuer_->IssueAgent(caller.name, request.signing_request(), absl::Now()));
  JournalBatch batch;
  TUTTI_RETURN_IF_ERROR(
      registry_.Renew(caller.name, certificate.key_fingerprint(),
                      issued.key_fingerprint, issued.expires_at, batch));
  response.add_certificates(issued.certificates[0]);
  return absl::OkStatus();
}

std::shared_ptr<grpc::Channel> TestController::ChannelAs(
    const std::string& identity_directory) const {
  const Credentials credentials = *LoadIdentity(identity_directory);
  return grpc::CreateCustomChannel(
      address_,
      MakeChannelCredentials({.fleet = "demo",
                              .certificates_pem = credentials.CertificatesPem(),
                              .key_pem = credentials.key.ToPem(),
                              .controller_authority_pem = Read(
                                  "authorities/controllers/certificate.pem")}),
      MakeChannelArguments(true));
}

}  // namespace tutti::testing
