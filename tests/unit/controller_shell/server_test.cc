// The whole controller in one process, with real certificates.
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/identity/identity_directory.h"
#include "common/transport/transport.h"
#include "controller/enrollment/fleet_init.h"
#include "controller/server/controller_server.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"
#include "tutti/v1/agents.grpc.pb.h"
#include "tutti/v1/fleet.grpc.pb.h"
#include "tutti/v1/jobs.grpc.pb.h"

namespace tutti::controller {
namespace {

using ::testing::HasSubstr;
using ::tutti::testing::IsOk;
using ::tutti::testing::StatusIs;
using ::tutti::testing::TemporaryDirectory;

// A method by its name, without generated code: health and reflection.
grpc::Status CallByName(const std::shared_ptr<grpc::Channel>& channel,
                        const std::string& path, std::string* answer) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  grpc::ByteBuffer request;
  grpc::ByteBuffer response;
  const grpc::Slice empty;
  request = grpc::ByteBuffer(&empty, 1);
  std::promise<grpc::Status> done;
  stub.UnaryCall(&context, path, {}, &request, &response,
                 [&](grpc::Status status) { done.set_value(status); });
  const grpc::Status status = done.get_future().get();
  grpc::Slice slice;
  if (status.ok() && response.DumpToSingleSlice(&slice).ok()) {
    answer->assign(slice.begin(), slice.end());
  }
  return status;
}

Credentials MakeCredentials(const std::string& der, PrivateKey key) {
  std::vector<Certificate> certificates;
  certificates.push_back(Certificate::FromDer(der).value());
  return {std::move(certificates), std::move(key)};
}

class ControllerServerTest : public ::testing::Test {
 protected:
  ControllerServerTest() {
    TUTTI_EXPECT_OK(InitFleet("demo", folder_, FleetOptions(), clock_.Now()));
    settings_.directory = folder_;
    settings_.listen = {"127.0.0.1:0"};
    Start();
  }

  void Start() {
    absl::StatusOr<std::unique_ptr<ControllerServer>> server =
        ControllerServer::Start(settings_, clock_);
    ASSERT_THAT(server, IsOk());
    server_ = *std::move(server);
    address_ = server_->addresses()[0];
    operator_ =
        Channel(LoadCredentials(folder_ + "/operators/admin/certificate.pem",
                                folder_ + "/operators/admin/key.pem")
                    .value());
  }

  std::shared_ptr<grpc::Channel> Channel(const Credentials& credentials) {
    ClientTls tls;
    tls.fleet = "demo";
    tls.certificates_pem = credentials.CertificatesPem();
    tls.key_pem = credentials.key.ToPem();
    tls.controller_authority_pem =
        ReadFile(folder_ + "/authorities/controllers/certificate.pem").value();
    return grpc::CreateCustomChannel(address_, MakeChannelCredentials(tls),
                                     MakeChannelArguments(true));
  }

  // A join token's credentials.
  Credentials MakeToken(uint32_t uses) {
    PrivateKey key = PrivateKey::Generate().value();
    v1::CreateTokenRequest request;
    request.set_signing_request(key.MakeSigningRequest().value());
    *request.mutable_life() = ToProto(absl::Minutes(10));
    request.set_uses(uses);
    v1::CreateTokenResponse response;
    grpc::ClientContext context;
    const grpc::Status status =
        v1::TokenService::NewStub(operator_)->CreateToken(&context, request,
                                                          &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return MakeCredentials(response.certificates(0), std::move(key));
  }

  absl::StatusOr<Credentials> Enroll(const Credentials& token,
                                     const std::string& name) {
    PrivateKey key = PrivateKey::Generate().value();
    v1::EnrollRequest request;
    request.set_name(name);
    request.set_signing_request(key.MakeSigningRequest().value());
    v1::EnrollResponse response;
    grpc::ClientContext context;
    const grpc::Status status = v1::AgentService::NewStub(Channel(token))
                                    ->Enroll(&context, request, &response);
    if (!status.ok()) return FromGrpc(status);
    EXPECT_EQ(response.fleet(), "demo");
    return MakeCredentials(response.certificates(0), std::move(key));
  }

  v1::GetControllerResponse GetController() {
    v1::GetControllerResponse response;
    grpc::ClientContext context;
    const grpc::Status status =
        v1::ControllerService::NewStub(operator_)->GetController(&context, {},
                                                                 &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  const SystemClock clock_;
  TemporaryDirectory directory_;
  const std::string folder_ = directory_.File("controller");
  ControllerSettings settings_;
  std::unique_ptr<ControllerServer> server_;
  std::string address_;
  std::shared_ptr<grpc::Channel> operator_;
};

// A control session as an agent has it.
class Session {
 public:
  explicit Session(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(v1::AgentService::NewStub(channel)),
        stream_(stub_->Session(&context_)) {}

  // Says hello and takes the welcome.
  bool Begin() {
    v1::SessionRequest hello;
    hello.mutable_hello()->set_host_name("host");
    stream_->Write(hello);
    v1::SessionResponse response;
    return Read(response) && response.has_welcome();
  }
  bool Read(v1::SessionResponse& response) { return stream_->Read(&response); }
  absl::Status Finish() { return FromGrpc(stream_->Finish()); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<v1::AgentService::Stub> stub_;
  std::unique_ptr<
      grpc::ClientReaderWriter<v1::SessionRequest, v1::SessionResponse>>
      stream_;
};

TEST_F(ControllerServerTest, TellsWhoItIs) {
  const v1::GetControllerResponse controller = GetController();
  EXPECT_EQ(controller.fleet(), "demo");
  EXPECT_FALSE(controller.version().empty());
  EXPECT_EQ(controller.agents(), 0u);
}

// Health and reflection are services of gRPC's own: the gate must see them.
TEST_F(ControllerServerTest, TheGateSeesEveryService) {
  constexpr char kHealth[] = "/grpc.health.v1.Health/Check";
  std::string answer;
  EXPECT_TRUE(CallByName(operator_, kHealth, &answer).ok());
  // status: SERVING
  EXPECT_EQ(answer, "\x08\x01");

  const Credentials token = MakeToken(1);
  const absl::Status refused =
      FromGrpc(CallByName(Channel(token), kHealth, &answer));
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kPermissionDenied,
                                HasSubstr("join token")));

  TUTTI_ASSERT_OK_AND_ASSIGN(const Credentials agent, Enroll(token, "web01"));
  const std::shared_ptr<grpc::Channel> channel = Channel(agent);
  EXPECT_TRUE(CallByName(channel, kHealth, &answer).ok());
  for (const char* path :
       {"/tutti.v1.JobService/ListJobs",
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        "/tutti.v1.AgentService/Enroll"}) {
    EXPECT_THAT(FromGrpc(CallByName(channel, path, &answer)),
                StatusIs(absl::StatusCode::kPermissionDenied,
                         HasSubstr("agent web01 may not call")))
        << path;
  }
  EXPECT_THAT(FromGrpc(CallByName(operator_, "/x.Y/Z", &answer)),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("/x.Y")));
}

// Enrolment is in the journal before it is answered.
TEST_F(ControllerServerTest, EnrolmentSurvivesARestart) {
  const Credentials token = MakeToken(1);
  TUTTI_ASSERT_OK(Enroll(token, "web01"));
  EXPECT_THAT(Enroll(token, "web02"),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("")));
  server_.reset();
  Start();
  EXPECT_EQ(GetController().agents(), 1u);
  EXPECT_FALSE(Enroll(token, "web02").ok());
}

TEST_F(ControllerServerTest, AnAgentIsOnlineAsLongAsItsSession) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const Credentials agent,
                             Enroll(MakeToken(1), "web01"));
  const std::shared_ptr<grpc::Channel> channel = Channel(agent);
  Session session(channel);
  ASSERT_TRUE(session.Begin());
  EXPECT_EQ(GetController().agents_online(), 1u);

  // A newer session takes over.
  Session newer(channel);
  ASSERT_TRUE(newer.Begin());
  v1::SessionResponse response;
  EXPECT_FALSE(session.Read(response));
  EXPECT_THAT(session.Finish(),
              StatusIs(absl::StatusCode::kAborted, HasSubstr("")));
  EXPECT_EQ(GetController().agents_online(), 1u);
}

TEST_F(ControllerServerTest, ASessionBeginsWithAHello) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const Credentials agent,
                             Enroll(MakeToken(1), "web01"));
  const std::shared_ptr<grpc::Channel> channel = Channel(agent);
  const auto stub = v1::AgentService::NewStub(channel);
  grpc::ClientContext context;
  const auto stream = stub->Session(&context);
  v1::SessionRequest report;
  report.mutable_report();
  stream->Write(report);
  v1::SessionResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_THAT(FromGrpc(stream->Finish()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("hello")));
}

TEST_F(ControllerServerTest, BulkNeedsASession) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const Credentials agent,
                             Enroll(MakeToken(1), "web01"));
  const auto stub = v1::AgentService::NewStub(Channel(agent));
  grpc::ClientContext context;
  const auto stream = stub->SendOutput(&context);
  v1::SendOutputResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_THAT(
      FromGrpc(stream->Finish()),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("web01")));
}

// SIGTERM: an agent comes back elsewhere or later, it is not told that it did
// something wrong.
TEST_F(ControllerServerTest, DrainingEndsSessions) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const Credentials agent,
                             Enroll(MakeToken(1), "web01"));
  const std::shared_ptr<grpc::Channel> channel = Channel(agent);
  Session session(channel);
  ASSERT_TRUE(session.Begin());
  const absl::Time begin = absl::Now();
  server_.reset();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(5));
  v1::SessionResponse response;
  EXPECT_FALSE(session.Read(response));
  EXPECT_THAT(session.Finish(),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("")));
}

TEST_F(ControllerServerTest, ASecondControllerIsRefused) {
  EXPECT_THAT(ControllerServer::Start(settings_, clock_),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("another controller")));

  const std::string other = directory_.File("other");
  TUTTI_ASSERT_OK(InitFleet("other", other, FleetOptions(), clock_.Now()));
  ControllerSettings same_port = settings_;
  same_port.directory = other;
  same_port.listen = {address_};
  EXPECT_THAT(TextOf(ControllerServer::Start(same_port, clock_).status()),
              HasSubstr(address_));
}

}  // namespace
}  // namespace tutti::controller
