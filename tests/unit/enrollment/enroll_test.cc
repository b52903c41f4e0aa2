#include "agent/enroll/enroll.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/base/files.h"
#include "common/configuration/yaml_file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/enrollment/test_controller.h"

namespace tutti::testing {
namespace {

using agent::Enrolled;
using agent::EnrollOptions;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A target that joins a controller over real TLS.
class EnrollTest : public ::testing::Test {
 protected:
  absl::StatusOr<Enrolled> Enroll(const JoinToken& token,
                                  const std::string& name = "web01") const {
    return agent::Enroll({.token = FormatJoinToken(token),
                          .name = name,
                          .directory = directory_,
                          .user = "no-such-user"},
                         absl::Now());
  }
  std::string Read(const std::string& name) const {
    return ReadFile(directory_ + "/" + name).value_or("");
  }
  std::string StateDirectoryIn(const std::string& file) const {
    YamlMap map = *YamlMap::Load(directory_ + "/" + file);
    std::string state;
    map.Get("state_directory", state);
    return state;
  }

  TestController controller_;
  const TemporaryDirectory temporary_;
  const std::string directory_ = temporary_.File("agent");
  const std::string identity_ = directory_ + "/identity";
};

TEST_F(EnrollTest, JoinsAndKeepsItsCertificate) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const Enrolled enrolled,
                             Enroll(controller_.MakeToken("t1", "web*")));
  EXPECT_EQ(enrolled.identity, (Identity{Role::kAgent, "demo", "web01"}));
  EXPECT_EQ(enrolled.controller, controller_.address());
  TUTTI_ASSERT_OK_AND_ASSIGN(const Credentials own, LoadIdentity(identity_));
  EXPECT_EQ(*own.certificates[0].identity(), enrolled.identity);
  EXPECT_EQ(own.certificates[0].not_after(), enrolled.certificate_expires_at);
}

TEST_F(EnrollTest, WritesWhomToTrust) {
  const JoinToken token = controller_.MakeToken("t1", "");
  TUTTI_ASSERT_OK(Enroll(token));
  EXPECT_EQ(Read("trust/operators.pem"), token.operator_authority);
  EXPECT_EQ(Read("trust/controllers.pem"), token.controller_authority);
  YamlMap map = *YamlMap::Load(directory_ + "/trust/target.yaml");
  std::string fleet, name;
  std::vector<std::string> controllers;
  map.Get("fleet", fleet);
  map.Get("name", name);
  map.Get("controllers", controllers);
  TUTTI_EXPECT_OK(map.Finish());
  EXPECT_EQ(fleet, "demo");
  EXPECT_EQ(name, "web01");
  EXPECT_THAT(controllers, ElementsAre(controller_.address()));
}

// The runner runs as root and believes what is there: nobody else may write.
TEST_F(EnrollTest, OnlyItsOwnerCanChangeWhatIsTrusted) {
  TUTTI_ASSERT_OK(Enroll(controller_.MakeToken("t1", "")));
  for (const char* path : {"trust", "trust/operators.pem",
                           "trust/controllers.pem", "trust/target.yaml"}) {
    struct stat info = {};
    ASSERT_EQ(stat((directory_ + "/" + path).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 022, 0u) << path;
  }
}

TEST_F(EnrollTest, ConfigurationNamesTheStateDirectory) {
  TUTTI_ASSERT_OK(Enroll(controller_.MakeToken("t1", "")));
  EXPECT_EQ(StateDirectoryIn("agent.yaml"), directory_ + "/state");
  EXPECT_EQ(StateDirectoryIn("runner.yaml"), directory_ + "/state");
}

TEST_F(EnrollTest, KeepsConfigurationThatIsThere) {
  TUTTI_ASSERT_OK(MakeDirectories(directory_, 0755));
  TUTTI_ASSERT_OK(
      WriteFileAtomically(directory_ + "/agent.yaml", "# mine\n", 0644));
  TUTTI_ASSERT_OK(Enroll(controller_.MakeToken("t1", "")));
  EXPECT_EQ(Read("agent.yaml"), "# mine\n");
}

TEST_F(EnrollTest, SaysThatThereIsNothingToDo) {
  TUTTI_ASSERT_OK(Enroll(controller_.MakeToken("t1", "")));
  const std::string before = Read("identity/current/key.pem");
  EXPECT_THAT(Enroll(controller_.MakeToken("t2", "")),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("enrolled already as 'web01'"),
                             HasSubstr("nothing to do"))));
  EXPECT_EQ(Read("identity/current/key.pem"), before);
}

TEST_F(EnrollTest, SaysWhatToDoWhenEnrolledUnderAnotherName) {
  TUTTI_ASSERT_OK(Enroll(controller_.MakeToken("t1", "")));
  EXPECT_THAT(Enroll(controller_.MakeToken("t2", ""), "web02"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("tutti agent remove web01"),
                             HasSubstr("enrol again"))));
}

// The host is unchanged and the text is the controller's, so that it can be
// tried again with a better token.
TEST_F(EnrollTest, RefusalsComeThrough) {
  EXPECT_THAT(Enroll(controller_.MakeToken("t1", "db*")),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       HasSubstr("does not allow the name 'web01'")));
  const JoinToken revoked = controller_.MakeToken("t2", "");
  controller_.RevokeToken("t2");
  EXPECT_THAT(Enroll(revoked), StatusIs(absl::StatusCode::kPermissionDenied,
                                        HasSubstr("revoked")));
  EXPECT_FALSE(std::filesystem::exists(directory_));
}

// The folder may be somebody's, who prepared it.
TEST_F(EnrollTest, ARefusalLeavesAFolderThatWasThere) {
  TUTTI_ASSERT_OK(MakeDirectories(directory_, 0755));
  EXPECT_FALSE(Enroll(controller_.MakeToken("t1", "db*")).ok());
  EXPECT_TRUE(std::filesystem::is_empty(directory_));
}

TEST_F(EnrollTest, NameOfAnotherHostIsRefused) {
  TUTTI_ASSERT_OK(Enroll(controller_.MakeToken("t1", "")));
  const EnrollOptions other = {
      .token = FormatJoinToken(controller_.MakeToken("t2", "")),
      .name = "web01",
      .directory = temporary_.File("other")};
  EXPECT_THAT(agent::Enroll(other, absl::Now()),
              StatusIs(absl::StatusCode::kAlreadyExists,
                       HasSubstr("tutti agent remove web01")));
}

TEST_F(EnrollTest, ExpiredTokenIsSeenBeforeItIsSent) {
  const EnrollOptions options = {
      .token = FormatJoinToken(controller_.MakeToken("t1", "")),
      .name = "web01",
      .directory = directory_};
  EXPECT_THAT(
      agent::Enroll(options, absl::Now() + absl::Hours(2)),
      StatusIs(absl::StatusCode::kPermissionDenied,
               AllOf(HasSubstr("expired"), HasSubstr("tutti token create"))));
}

TEST_F(EnrollTest, AsksTheNextControllerWhenOneIsDown) {
  JoinToken token = controller_.MakeToken("t1", "");
  token.controllers.insert(token.controllers.begin(), "127.0.0.1:1");
  TUTTI_ASSERT_OK_AND_ASSIGN(const Enrolled enrolled, Enroll(token));
  EXPECT_EQ(enrolled.controller, controller_.address());
}

TEST_F(EnrollTest, SaysWhyNoControllerCanBeReached) {
  JoinToken token = controller_.MakeToken("t1", "");
  token.controllers = {"127.0.0.1:1"};
  EXPECT_THAT(Enroll(token),
              StatusIs(absl::StatusCode::kUnavailable,
                       HasSubstr("nobody listens on 127.0.0.1:1")));
}

TEST_F(EnrollTest, RefusesAControllerOfAnotherFleet) {
  controller_.AnswerWithFleet("other");
  EXPECT_THAT(Enroll(controller_.MakeToken("t1", "")),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       HasSubstr("fleet 'other'")));
}

TEST_F(EnrollTest, RefusesACertificateForAnotherKey) {
  controller_.AnswerWithKeyOf(*PrivateKey::Generate()->MakeSigningRequest());
  EXPECT_THAT(
      Enroll(controller_.MakeToken("t1", "")),
      StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("another key")));
  EXPECT_FALSE(std::filesystem::exists(identity_));
}

TEST_F(EnrollTest, RenewsWithANewKey) {
  TUTTI_ASSERT_OK(Enroll(controller_.MakeToken("t1", "")));
  const std::string before = Read("identity/current/key.pem");
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const Credentials renewed,
      agent::RenewIdentity(controller_.ChannelAs(identity_), identity_,
                           absl::Seconds(20)));
  EXPECT_EQ(Read("identity/current/key.pem"), renewed.key.ToPem());
  EXPECT_NE(renewed.key.ToPem(), before);
  // The new one is as good as the old one was.
  TUTTI_EXPECT_OK(agent::RenewIdentity(controller_.ChannelAs(identity_),
                                       identity_, absl::Seconds(20)));
}

TEST_F(EnrollTest, RemovedAgentIsNotRenewed) {
  TUTTI_ASSERT_OK(Enroll(controller_.MakeToken("t1", "")));
  controller_.RemoveAgent("web01");
  EXPECT_THAT(
      agent::RenewIdentity(controller_.ChannelAs(identity_), identity_,
                           absl::Seconds(20)),
      StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("was removed")));
}

}  // namespace
}  // namespace tutti::testing
