// The part of a controller that enrolment speaks to, in this process.
#ifndef TESTS_UNIT_ENROLLMENT_TEST_CONTROLLER_H_
#define TESTS_UNIT_ENROLLMENT_TEST_CONTROLLER_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "common/base/mutex.h"
#include "common/identity/join_token.h"
#include "controller/enrollment/certificate_issuer.h"
#include "controller/registry/agent_registry.h"
#include "tests/support/temporary_directory.h"
#include "tutti/v1/agents.grpc.pb.h"

namespace tutti::testing {

// A real fleet "demo", registry and issuer behind a real port of loopback.
class TestController {
 public:
  TestController();
  ~TestController();

  const std::string& address() const { return address_; }

  // A join token that names this controller and is good for an hour.
  JoinToken MakeToken(const std::string& id, const std::string& names,
                      uint32_t uses = 1);
  void RevokeToken(const std::string& id);
  void RemoveAgent(const std::string& name);
  // What the next answers say instead of the truth.
  void AnswerWithFleet(const std::string& fleet);
  void AnswerWithKeyOf(const std::string& signing_request);

  // A channel with an agent's identity.
  std::shared_ptr<grpc::Channel> ChannelAs(
      const std::string& identity_directory) const;

 private:
  class Service final : public v1::AgentService::Service {
   public:
    explicit Service(TestController& controller) : controller_(controller) {}
    grpc::Status Enroll(grpc::ServerContext* context,
                        const v1::EnrollRequest* request,
                        v1::EnrollResponse* response) override;
    grpc::Status Renew(grpc::ServerContext* context,
                       const v1::RenewRequest* request,
                       v1::RenewResponse* response) override;

   private:
    TestController& controller_;
  };

  absl::Status Enroll(const Identity& caller, const v1::EnrollRequest& request,
                      v1::EnrollResponse& response);
  absl::Status Renew(const Identity& caller, const Certificate& certificate,
                     const v1::RenewRequest& request,
                     v1::RenewResponse& response);
  std::string Read(const std::string& name) const;

  TemporaryDirectory folder_;
  std::unique_ptr<controller::CertificateIssuer> issuer_;
  Service service_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;

  Mutex mutex_;
  controller::AgentRegistry registry_ ABSL_GUARDED_BY(mutex_);
  std::string fleet_ ABSL_GUARDED_BY(mutex_) = "demo";
  std::string other_request_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tutti::testing

#endif  // TESTS_UNIT_ENROLLMENT_TEST_CONTROLLER_H_
