#include "agent/runner/configuration/runner_configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "agent/runner/configuration/runner_flags.h"
#include "common/base/files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace tutti::runner {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::tutti::testing::StatusIs;
using ::tutti::testing::TemporaryDirectory;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class RunnerConfigurationTest : public ::testing::Test {
 protected:
  void SetUp() override {
    TUTTI_ASSERT_OK(MakeDirectories(directory_.File("trust"), 0755));
    TUTTI_ASSERT_OK(WriteFileAtomically(
        directory_.File("trust/target.yaml"),
        "fleet: demo\nname: web01\ncontrollers: [\"c:7117\"]\n", 0644));
  }

  absl::StatusOr<RunnerConfiguration> Load(std::string_view text,
                                           const SettingOverrides& flags = {}) {
    TUTTI_EXPECT_OK(WriteFileAtomically(path_, text, 0644));
    return LoadRunnerConfiguration(path_, flags);
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_.File("runner.yaml");
};

TEST_F(RunnerConfigurationTest, DefaultsAreBesideTheFile) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const RunnerConfiguration configuration, Load(""));
  EXPECT_EQ(configuration.fleet, "demo");
  EXPECT_EQ(configuration.target, "web01");
  EXPECT_EQ(configuration.trust_directory, directory_.File("trust"));
  EXPECT_EQ(configuration.state_directory, directory_.File("state"));
  EXPECT_EQ(configuration.socket, directory_.File("state/runner.sock"));
  EXPECT_EQ(configuration.kinds_directory, directory_.File("kinds.d"));
  EXPECT_EQ(configuration.retention, absl::Hours(24));
}

TEST_F(RunnerConfigurationTest, EveryKeyIsTakenAndFlagsGoFirst) {
  constexpr std::string_view kText =
      "state_directory: /s\nsocket: run/x.sock\nspool_task_limit: 2MiB\n"
      "spool_limit: 3MiB\nspool_policy: drop\nretention: 2h\ndefault_user: "
      "deploy\n"
      "agent_user: tutti\nlog_level: debug\nenvironment: {A: b}\n"
      "query_cpu_limit: 2m\nquery_memory_limit: 1GiB\n"
      "query_rows_limit: 1MiB\n";
  TUTTI_ASSERT_OK_AND_ASSIGN(RunnerConfiguration configuration, Load(kText));
  EXPECT_EQ(configuration.state_directory, "/s");
  EXPECT_EQ(configuration.socket, directory_.File("run/x.sock"));
  EXPECT_EQ(configuration.spool_task_limit, 2u << 20);
  EXPECT_EQ(configuration.spool_limit, 3u << 20);
  EXPECT_TRUE(configuration.drop_when_full);
  EXPECT_EQ(configuration.retention, absl::Hours(2));
  EXPECT_EQ(configuration.default_user, "deploy");
  EXPECT_EQ(configuration.agent_user, "tutti");
  EXPECT_EQ(configuration.environment.at("A"), "b");
  EXPECT_EQ(configuration.query_limits.cpu, absl::Minutes(2));
  EXPECT_EQ(configuration.query_limits.memory, 1u << 30);
  EXPECT_EQ(configuration.query_limits.rows, 1u << 20);

  const SettingOverrides flags = {
      {"state_directory", {"/t"}}, {"spool_task_limit", {"1MiB"}},
      {"spool_policy", {"block"}}, {"retention", {"5m"}},
      {"default_user", {"root"}},  {"environment", {"A=c", "B=d=e"}},
  };
  TUTTI_ASSERT_OK_AND_ASSIGN(configuration, Load(kText, flags));
  EXPECT_EQ(configuration.state_directory, "/t");
  EXPECT_EQ(configuration.spool_task_limit, 1u << 20);
  EXPECT_FALSE(configuration.drop_when_full);
  EXPECT_EQ(configuration.retention, absl::Minutes(5));
  EXPECT_EQ(configuration.default_user, "root");
  EXPECT_EQ(configuration.environment.at("A"), "c");
  EXPECT_EQ(configuration.environment.at("B"), "d=e");
}

TEST_F(RunnerConfigurationTest, MistakesAreNamedWithLineAndKey) {
  EXPECT_THAT(Load("\nspool_task_limit: 1k\n").status(),
              StatusIs(kInvalid, AllOf(HasSubstr("runner.yaml:2"),
                                       HasSubstr("too small"))));
  EXPECT_THAT(Load("query_cpu_limit: 500ms\n").status(),
              StatusIs(kInvalid, HasSubstr("query_cpu_limit")));
  EXPECT_THAT(Load("query_memory_limit: 1MiB\n").status(),
              StatusIs(kInvalid, HasSubstr("too small")));
  EXPECT_THAT(Load("environment: {TUTTI_JOB: x}\n").status(),
              StatusIs(kInvalid, HasSubstr("set by Tutti itself")));
  EXPECT_THAT(Load("environment: {\"A B\": x}\n").status(),
              StatusIs(kInvalid,
                       AllOf(HasSubstr("runner.yaml:1"), HasSubstr("'A B'"))));
  EXPECT_THAT(Load("retention: [1h]\n").status(),
              StatusIs(kInvalid, HasSubstr("a single value")));
  EXPECT_THAT(
      Load("spool_policy: lose\n").status(),
      StatusIs(kInvalid, AllOf(HasSubstr("'lose'"), HasSubstr("block or"))));
  EXPECT_THAT(Load("log_level: loud\n").status(),
              StatusIs(kInvalid, HasSubstr("'loud'")));
  EXPECT_THAT(Load("retentoin: 1h\n").status(),
              StatusIs(kInvalid, HasSubstr("retention")));
  EXPECT_THAT(Load("", {{"environment", {"no-equals"}}}).status(),
              StatusIs(kInvalid, AllOf(HasSubstr("--environment: "),
                                       HasSubstr("NAME=VALUE"))));
}

TEST_F(RunnerConfigurationTest, AHostThatIsNotEnrolledSaysWhatToDo) {
  EXPECT_THAT(
      Load("", {{"trust_directory", {directory_.File("elsewhere")}}}).status(),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               HasSubstr("tutti-agent enroll")));
}

TEST_F(RunnerConfigurationTest, AUserThatIsNotThereIsNamed) {
  RunnerConfiguration configuration;
  EXPECT_EQ(FindAgentAccount(configuration)->user, std::nullopt);
  TUTTI_EXPECT_OK(CheckDefaultUser(configuration));
  configuration.agent_user = "nobody-by-this-name";
  configuration.default_user = "nobody-either";
  EXPECT_THAT(FindAgentAccount(configuration).status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("agent_user")));
  EXPECT_THAT(
      CheckDefaultUser(configuration),
      StatusIs(absl::StatusCode::kNotFound,
               AllOf(HasSubstr("default_user"), HasSubstr("'nobody-either'"))));
}

TEST(RunnerFlagsTest, RepeatedFlagsTakeOneValueEach) {
  const char* const arguments[] = {
      "tutti-runner", "--dir",         "/d",  "--environment",
      "A=[1,2]",      "--environment", "B=2", "--check-config"};
  const ParsedRunnerCommand parsed = ParseRunnerCommand(8, arguments);
  ASSERT_TRUE(parsed.command.has_value());
  EXPECT_EQ(parsed.command->flags.configuration_path, "/d/runner.yaml");
  EXPECT_TRUE(parsed.command->flags.check_configuration);
  EXPECT_THAT(parsed.command->flags.overrides.at("environment"),
              ::testing::ElementsAre("A=[1,2]", "B=2"));
}

TEST(RunnerFlagsTest, HelpSaysWhatEveryValueIs) {
  const char* const arguments[] = {"tutti-runner", "--help"};
  ::testing::internal::CaptureStdout();
  EXPECT_EQ(ParseRunnerCommand(2, arguments).exit_status, 0);
  EXPECT_THAT(::testing::internal::GetCapturedStdout(),
              AllOf(HasSubstr("--spool-limit SIZE"),
                    HasSubstr("--retention DURATION"), Not(HasSubstr("TEXT"))));
}

TEST(RunnerFlagsTest, AnUnknownFlagIsAUsageError) {
  const char* const arguments[] = {"tutti-runner", "--frobnicate"};
  const ParsedRunnerCommand parsed = ParseRunnerCommand(2, arguments);
  EXPECT_FALSE(parsed.command.has_value());
  EXPECT_EQ(parsed.exit_status, 2);
}

}  // namespace
}  // namespace tutti::runner
