#include "agent/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

namespace tutti::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

ParsedOptions Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "tutti-agent");
  return ParseOptions(static_cast<int>(arguments.size()), arguments.data());
}

TEST(OptionsTest, RunsWithoutACommand) {
  const ParsedOptions options = Parse({"--dir", "/x", "--log-level", "debug"});
  ASSERT_TRUE(options.command.has_value());
  const auto& run = std::get<RunCommand>(*options.command);
  EXPECT_EQ(run.flags.configuration_path, "/x/agent.yaml");
  EXPECT_THAT(run.flags.overrides.at("log_level"), ElementsAre("debug"));
}

TEST(OptionsTest, RepeatableOptionsTakeOneValueEach) {
  const ParsedOptions options =
      Parse({"run", "--config", "f", "--controller", "[::1]:7117",
             "--controller", "b:2", "--check-config"});
  ASSERT_TRUE(options.command.has_value());
  const auto& run = std::get<RunCommand>(*options.command);
  EXPECT_EQ(run.flags.configuration_path, "f");
  EXPECT_TRUE(run.flags.check_configuration);
  EXPECT_THAT(run.flags.overrides.at("controllers"),
              ElementsAre("[::1]:7117", "b:2"));
}

TEST(OptionsTest, Enrolls) {
  const ParsedOptions options =
      Parse({"enroll", "--dir", "/x", "--name", "web01", "--token-file", "t"});
  ASSERT_TRUE(options.command.has_value());
  const auto& enroll = std::get<EnrollCommand>(*options.command);
  EXPECT_EQ(enroll.directory, "/x");
  EXPECT_EQ(enroll.name, "web01");
  EXPECT_EQ(enroll.token_file, "t");
}

// Everybody on the host can read a command line.
TEST(OptionsTest, RefusesATokenOnTheCommandLine) {
  for (const auto& arguments :
       {std::vector<const char*>{"enroll", "--token", "secret"},
        std::vector<const char*>{"enroll", "secret"}}) {
    ::testing::internal::CaptureStderr();
    const ParsedOptions options = Parse(arguments);
    EXPECT_FALSE(options.command.has_value());
    EXPECT_EQ(options.exit_status, 2);
    EXPECT_THAT(::testing::internal::GetCapturedStderr(),
                HasSubstr("--token-file"));
  }
}

TEST(OptionsTest, HelpAndMistakesHaveTheirStatus) {
  ::testing::internal::CaptureStdout();
  EXPECT_EQ(Parse({"--help"}).exit_status, 0);
  const std::string help = ::testing::internal::GetCapturedStdout();
  EXPECT_THAT(help, HasSubstr("Examples:"));
  EXPECT_THAT(help, HasSubstr("--labels,--label NAME=VALUE"));
  EXPECT_THAT(help, Not(HasSubstr("TEXT"))) << "what is the value?";
  ::testing::internal::CaptureStdout();
  EXPECT_EQ(Parse({"enroll", "--help"}).exit_status, 0);
  EXPECT_THAT(::testing::internal::GetCapturedStdout(), Not(HasSubstr("TEXT")));
  EXPECT_EQ(Parse({"--nonsense"}).exit_status, 2);
  EXPECT_EQ(Parse({"dance"}).exit_status, 2);
}

}  // namespace
}  // namespace tutti::agent
