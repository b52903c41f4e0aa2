#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdlib>
#include <string>

#include "common/base/file_descriptor.h"
#include "common/transport/transport.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/transport/test_server.h"

namespace tutti::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// A port of loopback on which nobody answers: bound, and listening or not.
class SilentPort {
 public:
  explicit SilentPort(bool listening)
      : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(fd_.get(), generic, length) != 0 ||
        getsockname(fd_.get(), generic, &length) != 0 ||
        (listening && listen(fd_.get(), 4) != 0)) {
      std::abort();
    }
    address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  const std::string& address() const { return address_; }

 private:
  FileDescriptor fd_;
  std::string address_;
};

// Every text must name the address and, on one line, say what to do.
class ConnectFailureTest : public ::testing::Test {
 protected:
  Credentials Alice() const {
    return MakeCredentials(demo_.operators, alice_, demo_.now);
  }
  Credentials Controller() const {
    return MakeCredentials(demo_.controllers, {Role::kController, "demo", "c1"},
                           demo_.now);
  }
  Credentials Forged(const Authority& authority, const Identity& identity,
                     absl::Duration from, absl::Duration to) const {
    return Forge(authority, "URI:" + ToUri(identity), demo_.now + from,
                 demo_.now + to);
  }
  std::string Explain(const std::string& address,
                      const Credentials& own) const {
    return Explain(address, MakeTls(own, demo_.controllers));
  }
  static std::string Explain(const std::string& address, const ClientTls& tls,
                             absl::Duration timeout = absl::Seconds(10)) {
    const absl::Status status = ExplainConnectFailure(address, tls, timeout);
    EXPECT_FALSE(status.ok());
    const std::string text(status.message());
    EXPECT_THAT(text, Not(HasSubstr("\n")));
    return text;
  }

  const Identity alice_ = {Role::kOperator, "demo", "alice"};
  const TestAuthorities demo_{"demo"};
};

TEST_F(ConnectFailureTest, NobodyListens) {
  const SilentPort port(false);
  EXPECT_THAT(Explain(port.address(), Alice()),
              AllOf(HasSubstr("nobody listens on " + port.address()),
                    HasSubstr("check the address")));
}

TEST_F(ConnectFailureTest, NameIsUnknown) {
  EXPECT_THAT(Explain("no-such-host.invalid:7117", Alice()),
              AllOf(HasSubstr("no-such-host.invalid"), HasSubstr("DNS")));
}

TEST_F(ConnectFailureTest, AddressIsMalformed) {
  EXPECT_THAT(Explain("localhost", Alice()), HasSubstr("write host:port"));
}

TEST_F(ConnectFailureTest, PortSpeaksPlainText) {
  const TestServer plain;
  EXPECT_THAT(Explain(plain.address(), Alice()),
              AllOf(HasSubstr(plain.address()), HasSubstr("plain text")));
}

TEST_F(ConnectFailureTest, ServerIsSilent) {
  const SilentPort port(true);
  const ClientTls tls = MakeTls(Alice(), demo_.controllers);
  EXPECT_THAT(Explain(port.address(), tls, absl::Milliseconds(100)),
              HasSubstr("says nothing"));
}

TEST_F(ConnectFailureTest, ServerIsOfAnotherAuthority) {
  const TestServer server(demo_, Controller());
  const TestAuthorities other("demo");
  EXPECT_THAT(
      Explain(server.address(), MakeTls(Alice(), other.controllers)),
      AllOf(HasSubstr("another authority"), HasSubstr("controller_authority")));
}

TEST_F(ConnectFailureTest, ServersCertificateExpired) {
  const TestServer server(
      demo_, Forged(demo_.controllers, {Role::kController, "demo", "c1"},
                    absl::Hours(-2), absl::Hours(-1)));
  EXPECT_THAT(Explain(server.address(), Alice()),
              AllOf(HasSubstr("of the controller at " + server.address()),
                    HasSubstr("expired on"), HasSubstr("restart")));
}

TEST_F(ConnectFailureTest, ServerIsNoController) {
  const TestServer server(
      demo_, MakeCredentials(demo_.agents, {Role::kAgent, "demo", "web01"},
                             demo_.now));
  EXPECT_THAT(Explain(server.address(), MakeTls(Alice(), demo_.agents)),
              AllOf(HasSubstr("agent 'web01'"), HasSubstr("no controller's")));
}

TEST_F(ConnectFailureTest, ServerIsOfAnotherFleet) {
  const TestServer server(demo_, Controller());
  ClientTls tls = MakeTls(Alice(), demo_.controllers);
  tls.fleet = "other";
  EXPECT_THAT(Explain(server.address(), tls),
              AllOf(HasSubstr("fleet 'demo'"), HasSubstr("fleet 'other'")));
}

TEST_F(ConnectFailureTest, ServerForgedItsIdentity) {
  const TestServer server(
      demo_, Forged(demo_.agents, {Role::kController, "demo", "c1"},
                    absl::Hours(-1), absl::Hours(1)));
  EXPECT_THAT(Explain(server.address(), MakeTls(Alice(), demo_.agents)),
              HasSubstr("may not issue"));
}

TEST_F(ConnectFailureTest, OurCertificateIsRefused) {
  const TestServer server(demo_, Controller());
  const TestAuthorities other("demo");
  EXPECT_THAT(
      Explain(server.address(),
              MakeCredentials(other.operators, alice_, demo_.now)),
      AllOf(HasSubstr("refuses our certificate"), HasSubstr("fleet 'demo'")));
}

TEST_F(ConnectFailureTest, OurCertificateBreaksTheNameConstraint) {
  const TestServer server(demo_, Controller());
  EXPECT_THAT(
      Explain(server.address(),
              Forged(demo_.agents, alice_, absl::Hours(-1), absl::Hours(1))),
      HasSubstr("refuses our certificate"));
}

// Seen before anything is dialled.
TEST_F(ConnectFailureTest, OurCertificateExpired) {
  EXPECT_THAT(Explain("127.0.0.1:1", Forged(demo_.operators, alice_,
                                            absl::Hours(-2), absl::Hours(-1))),
              AllOf(HasSubstr("our own certificate (operator 'alice'"),
                    HasSubstr("expired on")));
  EXPECT_THAT(Explain("127.0.0.1:1", Forged(demo_.operators, alice_,
                                            absl::Hours(1), absl::Hours(2))),
              AllOf(HasSubstr("not valid before"), HasSubstr("clock")));
}

TEST_F(ConnectFailureTest, AllIsWellByNow) {
  const TestServer server(demo_, Controller());
  EXPECT_THAT(Explain(server.address(), Alice()), HasSubstr("try again"));
}

}  // namespace
}  // namespace tutti::testing
