// The ends of an operator's certificate, and several controllers, with a
// server on loopback.

#include "controller/cli/connection.h"

#include <fcntl.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "common/base/file_descriptor.h"
#include "common/base/files.h"
#include "controller/cli/app/app.h"
#include "controller/cli/exit_status.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/tcp_proxy.h"
#include "tests/unit/transport/test_server.h"
#include "tutti/v1/fleet.grpc.pb.h"

namespace tutti::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using ::tutti::testing::FreePort;
using ::tutti::testing::TcpProxy;

constexpr absl::Duration kDay = absl::Hours(24);

std::string Local(int port) { return fmt::format("127.0.0.1:{}", port); }

class ConnectionTest : public ::testing::Test {
 protected:
  ConnectionTest()
      : error_(open(folder_.File("error").c_str(),
                    O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0600)) {
    clock_.Set(demo_.now);
    context_.options.config = folder_.File("config.yaml");
    context_.terminal =
        Terminal({.input = -1, .output = error_.get(), .error = error_.get()});
    Write("controllers.pem", demo_.controllers.certificate().ToPem());
    Write("operators.pem", demo_.operators.certificate().ToPem());
    SetLife(300 * kDay);
    SetControllers({server_.address()});
  }

  void Write(const std::string& name, const std::string& text) {
    TUTTI_EXPECT_OK(WriteFileAtomically(folder_.File(name), text, 0600));
  }
  // How long the operator's certificate is good for.
  void SetLife(absl::Duration life) {
    const Credentials alice = ::tutti::testing::MakeCredentials(
        demo_.operators, {Role::kOperator, "demo", "alice"}, demo_.now, life);
    Write("alice.pem", alice.CertificatesPem());
    Write("alice-key.pem", alice.key.ToPem());
  }
  void SetControllers(const std::vector<std::string>& addresses) {
    Write("config.yaml",
          fmt::format("fleets:\n  demo:\n    controllers: [\"{}\"]\n"
                      "    controller_authority: controllers.pem\n"
                      "    operator_authority: operators.pem\n"
                      "    certificate: alice.pem\n    key: alice-key.pem\n",
                      fmt::join(addresses, "\", \"")));
  }
  // What was written to the terminal.
  std::string Said() { return *ReadFile(folder_.File("error")); }

  const ::tutti::testing::TestAuthorities demo_{"demo"};
  const ::tutti::testing::TestServer server_{
      demo_,
      ::tutti::testing::MakeCredentials(
          demo_.controllers, {Role::kController, "demo", "c1"}, demo_.now)};
  ::tutti::testing::TemporaryDirectory folder_;
  FileDescriptor error_;
  ::tutti::testing::FakeClock clock_;
  Context context_{.clock = clock_};
};

TEST_F(ConnectionTest, ACertificateThatLastsIsNotWorthAWord) {
  SetLife(31 * kDay);
  TUTTI_EXPECT_OK(Connection::Open(context_));
  EXPECT_EQ(Said(), "");
}

// Whoever is not told finds out on the day on which nothing works any more.
TEST_F(ConnectionTest, ACertificateThatEndsSoonIsWarnedAbout) {
  SetLife(29 * kDay + absl::Hours(1));
  TUTTI_ASSERT_OK_AND_ASSIGN(auto connection, Connection::Open(context_));
  EXPECT_THAT(Said(), AllOf(StartsWith("tutti: your certificate "),
                            HasSubstr("alice.pem ends in 29d")));
  TUTTI_EXPECT_OK(
      connection->Call(&v1::ControllerService::Stub::GetController, {}));
}

// If this fails, a warning that misleads stands before the real reason.
TEST_F(ConnectionTest, AnAgentsCertificateThatEndsSoonIsNotWarnedAbout) {
  const Credentials agent = ::tutti::testing::MakeCredentials(
      demo_.agents, {Role::kAgent, "demo", "web1"}, demo_.now, 2 * kDay);
  Write("alice.pem", agent.CertificatesPem());
  Write("alice-key.pem", agent.key.ToPem());
  TUTTI_EXPECT_OK(Connection::Open(context_));
  EXPECT_EQ(Said(), "");
}

TEST_F(ConnectionTest, AFileThatIsMissingIsNamedWithItsKey) {
  for (const char* name :
       {"controllers.pem", "operators.pem", "alice.pem", "alice-key.pem"}) {
    const std::string content = *ReadFile(folder_.File(name));
    ASSERT_EQ(unlink(folder_.File(name).c_str()), 0);
    const absl::Status status = Connection::Open(context_).status();
    EXPECT_EQ(ExitStatusOf(status), kExitUsage);
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr("config.yaml: key 'fleets.demo."),
                      HasSubstr(name), HasSubstr("correct the path")));
    Write(name, content);
  }
}

struct BadDay {
  absl::Duration after;
  std::string text;
};

// From the controller it would only show as a closed connection.
TEST_F(ConnectionTest, ACertificateThatIsNotGoodTodayIsNotDialledWith) {
  TcpProxy proxy(FreePort());
  SetControllers({Local(proxy.port())});
  for (const BadDay& day : {BadDay{301 * kDay, "expired on "},
                            BadDay{-1 * kDay, "is not valid before "}}) {
    TUTTI_EXPECT_OK(WriteFileAtomically(folder_.File("error"), "", 0600));
    error_.Reset(
        open(folder_.File("error").c_str(), O_APPEND | O_WRONLY | O_CLOEXEC));
    clock_.Set(demo_.now + day.after);
    Context context{.clock = clock_};
    context.terminal =
        Terminal({.input = -1, .output = error_.get(), .error = error_.get()});
    EXPECT_EQ(
        RunProgram({"--config", folder_.File("config.yaml"), "agent", "list"},
                   context),
        kExitUnreachable);
    const std::string said = Said();
    EXPECT_THAT(said, AllOf(StartsWith("tutti: your certificate "),
                            HasSubstr("alice.pem " + day.text)));
    EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1) << said;
  }
  EXPECT_EQ(proxy.accepted(), 0);
}

TEST_F(ConnectionTest, AControllerThatIsDownIsPassedOver) {
  SetControllers({Local(FreePort()), server_.address()});
  TUTTI_ASSERT_OK_AND_ASSIGN(auto connection, Connection::Open(context_));
  TUTTI_EXPECT_OK(
      connection->Call(&v1::ControllerService::Stub::GetController, {}));
  EXPECT_EQ(connection->address(), server_.address());
}

TEST_F(ConnectionTest, ControllersAreDialledInTurn) {
  const std::string dead = Local(FreePort());
  SetControllers({server_.address(), dead});
  TUTTI_ASSERT_OK_AND_ASSIGN(auto connection, Connection::Open(context_));
  TUTTI_ASSERT_OK(connection->Connect());
  EXPECT_EQ(connection->address(), server_.address());
  connection->DialNext();
  EXPECT_EQ(connection->address(), dead);
  EXPECT_EQ(connection->DialNext(), connection->channel());
  EXPECT_EQ(connection->address(), server_.address());
  TUTTI_EXPECT_OK(
      connection->Call(&v1::ControllerService::Stub::GetController, {}));
}

TEST_F(ConnectionTest, WhenAllAreDownEachIsNamed) {
  const std::string one = Local(FreePort());
  const std::string two = Local(FreePort());
  SetControllers({one, two});
  TUTTI_ASSERT_OK_AND_ASSIGN(auto connection, Connection::Open(context_));
  const absl::Status status = connection->Connect();
  EXPECT_EQ(ExitStatusOf(status), kExitUnreachable);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr(one), HasSubstr(two)));
}

}  // namespace
}  // namespace tutti::cli
