#include "common/transport/transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/base/errors.h"
#include "tests/support/status_matchers.h"
#include "tests/support/wait.h"
#include "tests/unit/transport/test_server.h"

namespace tutti::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

// One real server for all, with real handshakes.
class TransportTest : public ::testing::Test {
 protected:
  Credentials Operator(absl::Duration life = absl::Hours(1)) const {
    return MakeCredentials(demo_.operators, alice_, demo_.now, life);
  }
  absl::StatusOr<std::string> CallAs(const Credentials& credentials) const {
    return server_.Call(MakeTls(credentials, demo_.controllers));
  }

  const Identity alice_ = {Role::kOperator, "demo", "alice"};
  const TestAuthorities demo_{"demo"};
  const Credentials controller_ = MakeCredentials(
      demo_.controllers, {Role::kController, "demo", "c1"}, demo_.now);
  const TestServer server_{demo_, controller_};
};

TEST_F(TransportTest, TellsWhoIsThere) {
  EXPECT_EQ(*CallAs(Operator()), "spiffe://operators.demo/alice");
  EXPECT_EQ(*CallAs(MakeCredentials(
                demo_.agents, {Role::kAgent, "demo", "web01"}, demo_.now)),
            "spiffe://agents.demo/web01");
  EXPECT_EQ(*CallAs(MakeCredentials(
                demo_.agents, {Role::kBootstrap, "demo", "t1"}, demo_.now)),
            "spiffe://agents.demo/bootstrap/t1");
}

// The controller holds the agents' authority; it must not make operators.
TEST_F(TransportTest, RefusesAnOperatorIssuedByTheAgentsAuthority) {
  const Credentials forged =
      Forge(demo_.agents, "URI:" + ToUri(alice_), demo_.now - absl::Hours(1),
            demo_.now + absl::Hours(1));
  EXPECT_THAT(CallAs(forged),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("")));
}

TEST_F(TransportTest, RefusesAForeignAuthority) {
  const TestAuthorities other("demo");
  const Credentials foreign =
      MakeCredentials(other.operators, alice_, demo_.now);
  EXPECT_THAT(CallAs(foreign),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("")));
}

TEST_F(TransportTest, RefusesAnExpiredCertificate) {
  const Credentials expired =
      Forge(demo_.operators, "URI:" + ToUri(alice_), demo_.now - absl::Hours(2),
            demo_.now - absl::Hours(1));
  EXPECT_THAT(CallAs(expired),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("")));
}

// TLS lets it through: who reads the first name would see another caller than
// who reads the second.
TEST_F(TransportTest, TwoIdentitiesAreNone) {
  const Credentials two =
      Forge(demo_.operators,
            "URI:spiffe://operators.demo/alice,URI:spiffe://operators.demo/bob",
            demo_.now - absl::Hours(1), demo_.now + absl::Hours(1));
  EXPECT_THAT(CallAs(two), StatusIs(absl::StatusCode::kUnauthenticated,
                                    HasSubstr("exactly one identity")));
}

TEST_F(TransportTest, ClientRefusesAControllerOfAnotherAuthority) {
  const TestAuthorities other("demo");
  EXPECT_THAT(server_.Call(MakeTls(Operator(), other.controllers)),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("")));
}

// One authority may serve several fleets by mistake; the name decides.
TEST_F(TransportTest, ClientRefusesAControllerOfAnotherFleet) {
  ClientTls tls = MakeTls(Operator(), demo_.controllers);
  tls.fleet = "other";
  EXPECT_THAT(server_.Call(tls),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("")));
}

// Otherwise a target could stand between an operator and the controller.
TEST_F(TransportTest, ClientRefusesAServerThatIsAnAgent) {
  const TestServer impostor(
      demo_, MakeCredentials(demo_.agents, {Role::kAgent, "demo", "web01"},
                             demo_.now));
  EXPECT_THAT(impostor.Call(MakeTls(Operator(), demo_.agents)),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("")));
}

// A controller that must be restarted for its renewed certificate is down once
// a month.
TEST_F(TransportTest, ServerTakesUpARenewedCertificate) {
  const Credentials renewed = MakeCredentials(
      demo_.controllers, {Role::kController, "demo", "c1"}, demo_.now);
  TUTTI_ASSERT_OK(SaveIdentity(server_.identity_directory(), renewed));
  const ClientTls tls = MakeTls(Operator(), demo_.controllers);
  std::string shown;
  EXPECT_TRUE(WaitUntil([&] {
    return server_.Call(tls, &shown).ok() && shown == renewed.CertificatesPem();
  }));
}

// An error that names thousands of targets must not turn into another one.
TEST_F(TransportTest, ALongErrorTextArrivesCut) {
  for (const char* name : {"web01,", "zürich,"}) {
    std::string text = "nobody has these names: ";
    for (int i = 0; i < 10'000; ++i) text += name;
    const TestServer server(demo_, controller_, absl::NotFoundError(text));
    const absl::Status status =
        server.Call(MakeTls(Operator(), demo_.controllers)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
    const std::string_view arrived = TextOf(status);
    ASSERT_THAT(arrived, EndsWith(" …"));
    const size_t kept = arrived.size() - std::string_view(" …").size();
    EXPECT_GT(kept, 3000u);
    EXPECT_EQ(arrived.substr(0, kept), text.substr(0, kept));
    EXPECT_NE(text[kept] & 0xc0, 0x80) << "cut within a character";
  }
}

// Statuses cross gRPC with code and text.
TEST(StatusTest, ComesBackFromGrpc) {
  const absl::Status status = absl::AlreadyExistsError("it is there");
  EXPECT_EQ(FromGrpc(ToGrpc(status)), status);
  TUTTI_EXPECT_OK(FromGrpc(ToGrpc(absl::OkStatus())));
}

}  // namespace
}  // namespace tutti::testing
