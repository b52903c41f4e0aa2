#include "agent/configuration/configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/base/files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace tutti::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::StatusIs;

class ConfigurationTest : public ::testing::Test {
 protected:
  void SetUp() override {
    TUTTI_ASSERT_OK(MakeDirectories(folder_.File("trust"), 0755));
    Write("trust/target.yaml",
          "fleet: demo\nname: web01\ncontrollers: [\"c.example:7117\"]\n");
    Write("agent.yaml", "{}\n");
  }
  void Write(const std::string& name, const std::string& text) {
    TUTTI_ASSERT_OK(WriteFileAtomically(folder_.File(name), text, 0644));
  }
  absl::StatusOr<Configuration> Load(const SettingOverrides& overrides = {}) {
    return LoadConfiguration(folder_.File("agent.yaml"), overrides);
  }

  testing::TemporaryDirectory folder_;
};

TEST_F(ConfigurationTest, DefaultsAreBesideTheFileAndOfTheEnrolment) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const Configuration configuration, Load());
  EXPECT_EQ(configuration.fleet, "demo");
  EXPECT_EQ(configuration.name, "web01");
  EXPECT_THAT(configuration.controllers, ElementsAre("c.example:7117"));
  EXPECT_EQ(configuration.identity_directory, folder_.File("identity"));
  EXPECT_EQ(configuration.runner_socket, folder_.File("state/runner.sock"));
}

TEST_F(ConfigurationTest, TheFileGoesBeforeDefaultsAndFlagsBeforeTheFile) {
  Write("agent.yaml",
        "controllers: [\"a:1\", \"b:2\"]\nstate_directory: run\n"
        "log_level: warning\nlabels: {rack: r1}\n");
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const Configuration configuration,
      Load({{"log_level", {"debug"}}, {"labels", {"rack=r2", "role=db"}}}));
  EXPECT_THAT(configuration.controllers, ElementsAre("a:1", "b:2"));
  EXPECT_EQ(configuration.runner_socket, folder_.File("run/runner.sock"));
  EXPECT_EQ(configuration.log_level, "debug");
  EXPECT_EQ(configuration.labels.at("rack"), "r2");
  EXPECT_EQ(configuration.labels.at("role"), "db");
}

TEST_F(ConfigurationTest, MistakesAreNamedWithLineAndKey) {
  Write("agent.yaml", "log_level: loud\ncontrollers: nowhere\nlabel: {}\n");
  EXPECT_THAT(Load(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       ::testing::AllOf(
                           HasSubstr("agent.yaml:1"), HasSubstr("log_level"),
                           HasSubstr("agent.yaml:2"), HasSubstr("agent.yaml:3"),
                           HasSubstr("label"))));
}

TEST_F(ConfigurationTest, MistakesInFlagsAreNamed) {
  EXPECT_THAT(Load({{"controllers", {"nowhere"}}}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("--controllers: ")));
  EXPECT_THAT(
      Load({{"labels", {"rack"}}}),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("NAME=VALUE")));
}

TEST_F(ConfigurationTest, AHostThatIsNotEnrolledIsToldHow) {
  Write("agent.yaml", "trust_directory: elsewhere\n");
  EXPECT_THAT(Load(), StatusIs(absl::StatusCode::kFailedPrecondition,
                               HasSubstr("tutti-agent enroll")));
}

}  // namespace
}  // namespace tutti::agent
