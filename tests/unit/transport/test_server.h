// A fleet in memory and a gRPC server of it in this process.
#ifndef TESTS_UNIT_TRANSPORT_TEST_SERVER_H_
#define TESTS_UNIT_TRANSPORT_TEST_SERVER_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "common/identity/authority.h"
#include "common/transport/transport.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/identity/test_identities.h"
#include "tutti/v1/fleet.grpc.pb.h"

namespace tutti::testing {

// The authorities of one fleet. TLS looks at the real clock, so it does too.
struct TestAuthorities {
  explicit TestAuthorities(const std::string& fleet)
      : controllers(MakeAuthority(Role::kController, fleet, now)),
        agents(MakeAuthority(Role::kAgent, fleet, now)),
        operators(MakeAuthority(Role::kOperator, fleet, now)) {}

  const absl::Time now = absl::Now();
  const Authority controllers;
  const Authority agents;
  const Authority operators;
};

// What a client of fleet "demo" with those credentials uses.
ClientTls MakeTls(const Credentials& credentials, const Authority& controllers);

// Answers GetController with the caller's identity, on a port of loopback.
class TestServer {
 public:
  // With `failure` it answers that instead.
  TestServer(const TestAuthorities& authorities, const Credentials& own,
             absl::Status failure = absl::OkStatus());
  // Plain text.
  TestServer();
  ~TestServer();

  const std::string& address() const { return address_; }
  // The folder that the server reads its certificate from.
  std::string identity_directory() const { return folder_.File("identity"); }

  // What the server takes the caller for; over a new connection. The server's
  // own certificate goes to `server_certificate` (PEM) if not null.
  absl::StatusOr<std::string> Call(
      const ClientTls& tls, std::string* server_certificate = nullptr) const;

 private:
  class Service final : public v1::ControllerService::Service {
   public:
    explicit Service(absl::Status failure) : failure_(std::move(failure)) {}

   private:
    grpc::Status GetController(grpc::ServerContext* context,
                               const v1::GetControllerRequest* request,
                               v1::GetControllerResponse* response) override;

    const absl::Status failure_;
  };

  void Start(const std::shared_ptr<grpc::ServerCredentials>& credentials);

  TemporaryDirectory folder_;
  Service service_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

}  // namespace tutti::testing

#endif  // TESTS_UNIT_TRANSPORT_TEST_SERVER_H_
