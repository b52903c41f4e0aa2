// No one gets in who does not belong, and who is turned away learns why.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "common/base/files.h"
#include "tests/integration/fleet_test.h"
#include "tests/support/tcp_proxy.h"

namespace tutti::testing {
namespace {

using ::testing::HasSubstr;

class IdentityTest : public FleetTest {
 protected:
  // `tutti agent list` with a configuration in which some lines were changed.
  static Finished ListWith(const std::string& from, const std::string& to) {
    std::string config = ReadFile(fleet().ConfigPath()).value_or("");
    const size_t at = config.find(from);
    EXPECT_NE(at, std::string::npos) << from << " is not in\n" << config;
    if (at == std::string::npos) return {};
    config.replace(at, from.size(), to);
    const std::string path = fleet().File("controller/operators/changed.yaml");
    EXPECT_TRUE(WriteFileAtomically(path, config, 0600).ok());
    return fleet().Run({"--config", path, "agent", "list"});
  }
};

TEST_F(IdentityTest, ControllerThatCanNotBeReached) {
  const Finished down =
      ListWith(fleet().address(), "127.0.0.1:" + std::to_string(FreePort()));
  EXPECT_EQ(down.status, 6);
  EXPECT_THAT(down.error, HasSubstr("127.0.0.1"));
}

TEST_F(IdentityTest, PlainTextPort) {
  // Answers as a plain-text service would.
  Process plain({.arguments = {"/usr/bin/python3", "-u", "-c", R"(
import socket
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1])
while True:
    connection, _ = listener.accept()
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    connection.close()
)"},
                 .environment = {},
                 .standard_input = "",
                 .output_path = ""});
  ASSERT_TRUE(plain.WaitForOutput("\n"));
  std::string port = plain.output();
  port.pop_back();
  const Finished run = ListWith(fleet().address(), "127.0.0.1:" + port);
  EXPECT_EQ(run.status, 6);
  EXPECT_THAT(run.error, HasSubstr("TLS"));
}

TEST_F(IdentityTest, AnotherFleetsAuthority) {
  Fleet other;
  const Finished run = ListWith(fleet().address(), other.address());
  EXPECT_EQ(run.status, 6);
  EXPECT_THAT(run.error, HasSubstr("authority"));
}

TEST_F(IdentityTest, AgentsCertificateIsNoOperators) {
  const std::string identity =
      fleet().AgentDirectory("web1") + "/identity/current/";
  std::string config = ReadFile(fleet().ConfigPath()).value_or("");
  std::string changed;
  for (size_t at = 0; at < config.size();) {
    const size_t end = config.find('\n', at);
    std::string line = config.substr(at, end - at);
    for (const char* key : {"certificate", "key"}) {
      const std::string name = std::string(" ") + key + ":";
      const size_t found = line.find(name);
      if (found != std::string::npos && line.find('#') == std::string::npos) {
        line = line.substr(0, found) + name + " " + identity + key + ".pem";
      }
    }
    changed += line + "\n";
    at = end + 1;
  }
  // Beside the other, so that the paths in it are the same.
  const std::string path =
      std::filesystem::path(fleet().ConfigPath()).parent_path() /
      "as-agent.yaml";
  ASSERT_TRUE(WriteFileAtomically(path, changed, 0600).ok());
  const Finished run = fleet().Run({"--config", path, "agent", "list"});
  EXPECT_EQ(run.status, 6);
  EXPECT_THAT(run.error, HasSubstr("use an operator's certificate"));
}

TEST_F(IdentityTest, TokenIsUsedUp) {
  const std::string token = fleet().MakeToken({"--uses", "1"});
  EXPECT_EQ(fleet().Enroll("first", token).status, 0);
  const Finished second = fleet().Enroll("second", token);
  EXPECT_NE(second.status, 0);
  EXPECT_THAT(second.error, HasSubstr("used"));
}

TEST_F(IdentityTest, TokenIsForAnotherName) {
  const std::string token = fleet().MakeToken({"--name", "db[1-9]"});
  const Finished enrolled = fleet().Enroll("app1", token);
  EXPECT_NE(enrolled.status, 0);
  EXPECT_THAT(enrolled.error, HasSubstr("app1"));
  EXPECT_THAT(enrolled.error, HasSubstr("db[1-9]"));
  EXPECT_EQ(fleet().Enroll("db1", token).status, 0);
}

TEST_F(IdentityTest, TokenIsNoToken) {
  const Finished enrolled = fleet().Enroll("app2", "not a token\n");
  EXPECT_NE(enrolled.status, 0);
  EXPECT_THAT(enrolled.error, HasSubstr("token"));
}

TEST_F(IdentityTest, TokenIsRevoked) {
  const std::string token = fleet().MakeToken({"--uses", "2"});
  const Finished listed = fleet().Run({"token", "list", "-o", "names"});
  const std::string id = listed.output.substr(0, listed.output.find('\n'));
  EXPECT_EQ(fleet().Run({"token", "revoke", id}).status, 0);
  const Finished enrolled = fleet().Enroll("app3", token);
  EXPECT_NE(enrolled.status, 0);
  EXPECT_THAT(enrolled.error, HasSubstr("revoked"));
}

TEST_F(IdentityTest, NameIsEnrolledAlready) {
  const std::string token = fleet().MakeToken({"--uses", "5"});
  EXPECT_EQ(fleet().Enroll("taken", token).status, 0);
  // Another host of the same name.
  const Finished again =
      RunToEnd({.arguments = {ProgramPath("tutti-agent"), "enroll", "--name",
                              "taken", "--dir", fleet().File("elsewhere")},
                .environment = {},
                .standard_input = token,
                .output_path = ""});
  EXPECT_NE(again.status, 0);
  EXPECT_THAT(again.error, HasSubstr("tutti agent remove taken"));
  EXPECT_EQ(fleet().Run({"agent", "remove", "-y", "taken"}).status, 0);
  EXPECT_EQ(
      RunToEnd({.arguments = {ProgramPath("tutti-agent"), "enroll", "--name",
                              "taken", "--dir", fleet().File("elsewhere")},
                .environment = {},
                .standard_input = token,
                .output_path = ""})
          .status,
      0);
}

TEST_F(IdentityTest, TokenOnTheCommandLineIsRefused) {
  const std::string token = fleet().MakeToken();
  const Finished enrolled =
      RunToEnd({.arguments = {ProgramPath("tutti-agent"), "enroll", "--token",
                              token, "--dir", fleet().File("argv")},
                .environment = {},
                .standard_input = "",
                .output_path = ""});
  EXPECT_EQ(enrolled.status, 2);
  EXPECT_THAT(enrolled.error, HasSubstr("--token-file"));
}

TEST_F(IdentityTest, RemovedAgentIsOutAtOnce) {
  fleet().AddTarget("gone");
  fleet().WaitForOnline(4);
  EXPECT_EQ(fleet().Run({"agent", "remove", "-y", "gone"}).status, 0);
  EXPECT_TRUE(fleet().agent("gone").WaitForError("removed"))
      << fleet().agent("gone").error();
  const Finished run = fleet().Run({"run", "-t", "gone", "--", "true"});
  EXPECT_EQ(run.status, 2);
}

TEST_F(IdentityTest, PrivateKeysAreTheirOwnersAlone) {
  for (const std::string& path :
       {fleet().ControllerDirectory() + "/authorities/agents/key.pem",
        fleet().ControllerDirectory() + "/identity/current/key.pem",
        fleet().ControllerDirectory() + "/operators/authority/key.pem",
        fleet().ControllerDirectory() + "/operators/admin/key.pem",
        fleet().AgentDirectory("web1") + "/identity/current/key.pem"}) {
    const absl::StatusOr<bool> open = IsReadableByOthers(path);
    ASSERT_TRUE(open.ok()) << open.status();
    EXPECT_FALSE(*open) << path;
  }
}

}  // namespace
}  // namespace tutti::testing
