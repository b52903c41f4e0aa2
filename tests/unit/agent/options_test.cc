#include "agent/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <variant>
#include <vector>

namespace tutti::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

ParsedOptions Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "tutti-agent");
  return ParseOptions(static_cast<int>(arguments.size()), arguments.data());
}

TEST(OptionsTest, RunsWithoutACommand) {
  const ParsedOptions options = Parse({"--dir", "/x", "--log-level", "debug"});
  ASSERT_TRUE(options.command.has_value());
  const auto& run = std::get<RunOptions>(*options.command);
  EXPECT_EQ(run.configuration_path, "/x/agent.yaml");
  EXPECT_EQ(run.flags.log_level, "debug");
}

TEST(OptionsTest, RepeatableOptionsTakeOneValueEach) {
  const ParsedOptions options =
      Parse({"run", "--config", "f", "--controller", "[::1]:7117",
             "--controller", "b:2", "--check-config"});
  ASSERT_TRUE(options.command.has_value());
  const auto& run = std::get<RunOptions>(*options.command);
  EXPECT_EQ(run.configuration_path, "f");
  EXPECT_TRUE(run.check_configuration);
  EXPECT_THAT(run.flags.controllers, ElementsAre("[::1]:7117", "b:2"));
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
  EXPECT_THAT(::testing::internal::GetCapturedStdout(), HasSubstr("Examples:"));
  EXPECT_EQ(Parse({"--nonsense"}).exit_status, 2);
  EXPECT_EQ(Parse({"dance"}).exit_status, 2);
}

}  // namespace
}  // namespace tutti::agent
