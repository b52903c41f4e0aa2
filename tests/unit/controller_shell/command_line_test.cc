#include "controller/configuration/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/configuration/controller_settings.h"
#include "tests/support/status_matchers.h"

namespace tutti::controller {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::tutti::testing::StatusIs;

template <typename Command>
Command Parse(const std::vector<std::string>& arguments) {
  absl::StatusOr<ControllerCommand> command = ParseCommandLine(arguments);
  EXPECT_THAT(command, ::tutti::testing::IsOk());
  if (!command.ok() || !std::holds_alternative<Command>(*command)) {
    ADD_FAILURE() << "another command";
    return {};
  }
  return std::get<Command>(*std::move(command));
}

TEST(CommandLineTest, TheWordRunMayBeLeftOut) {
  EXPECT_EQ(
      Parse<RunCommand>({"run", "--dir", "/fleet"}).flags.configuration_path,
      "/fleet/controller.yaml");
  EXPECT_EQ(Parse<RunCommand>({"--dir", "/fleet"}).flags.configuration_path,
            "/fleet/controller.yaml");
  EXPECT_EQ(Parse<RunCommand>({"--config=/x.yaml", "--check-config"})
                .flags.check_configuration,
            true);
}

// The parser must not take an address in brackets for a list, nor what follows
// for another address.
TEST(CommandLineTest, FlagsOverrideSettings) {
  const RunCommand run =
      Parse<RunCommand>({"--listen", "[::1]:0", "--listen", "127.0.0.1:0",
                         "--dir", "/fleet", "--max-jobs", "7"});
  EXPECT_EQ(run.flags.configuration_path, "/fleet/controller.yaml");
  EXPECT_THAT(run.flags.overrides.at("listen"),
              ElementsAre("[::1]:0", "127.0.0.1:0"));
  EXPECT_THAT(run.flags.overrides.at("max_jobs"), ElementsAre("7"));
}

TEST(CommandLineTest, EverySettingIsAFlagWithHelp) {
  const std::string help = Parse<PrintCommand>({"run", "--help"}).text;
  for (const SettingDescription& setting : DescribeSettings()) {
    EXPECT_THAT(help, HasSubstr(FlagOf(setting.key)));
  }
  EXPECT_THAT(help, HasSubstr("Examples:"));
  EXPECT_THAT(help, Not(HasSubstr("TEXT"))) << "what is the value?";
}

TEST(CommandLineTest, HelpHasExamplesEverywhere) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--help"}, {"init", "--help"}}) {
    EXPECT_THAT(Parse<PrintCommand>(arguments).text, HasSubstr("Examples:"));
  }
}

TEST(CommandLineTest, VersionIsAVerbAndAFlag) {
  EXPECT_THAT(Parse<PrintCommand>({"version"}).text,
              HasSubstr("tutti-controller "));
  EXPECT_THAT(Parse<PrintCommand>({"--version"}).text,
              HasSubstr("tutti-controller "));
}

TEST(CommandLineTest, InitTakesAddressesOneByOneOrWithCommas) {
  const InitCommand init =
      Parse<InitCommand>({"init", "--fleet", "demo", "--dir", "/fleet",
                          "--listen", "[::]:7117", "--controllers", "a:1,b:2",
                          "--controllers", "[::1]:3", "--operator", "alice"});
  EXPECT_EQ(init.fleet, "demo");
  EXPECT_EQ(init.directory, "/fleet");
  EXPECT_THAT(init.options.listen, ElementsAre("[::]:7117"));
  EXPECT_THAT(init.options.controllers, ElementsAre("a:1", "b:2", "[::1]:3"));
  EXPECT_EQ(init.options.operator_name, "alice");
}

TEST(CommandLineTest, InitHasDefaults) {
  const InitCommand init =
      Parse<InitCommand>({"init", "--fleet", "demo", "--dir", "/fleet"});
  EXPECT_THAT(init.options.listen, ElementsAre("[::]:7117"));
  EXPECT_THAT(init.options.controllers, ElementsAre());
  EXPECT_EQ(init.options.operator_name, "admin");
}

TEST(CommandLineTest, WrongUsageIsNamed) {
  const struct {
    std::vector<std::string> arguments;
    const char* text;
  } cases[] = {
      {{}, "--dir DIR"},
      {{"run"}, "--dir DIR"},
      {{"start"}, "start"},
      {{"run", "--dri", "/fleet"}, "--dri"},
      {{"run", "--dir", "/fleet", "--max-jobs", ""}, "--max-jobs"},
      {{"--max-jobs", "1", "--max-jobs", "2", "--dir", "/"}, "--max-jobs"},
      {{"run", "--dir", "/a", "--config", "/b"}, "--config"},
      {{"init", "--dir", "/fleet"}, "--fleet"},
      {{"init", "--fleet", "demo"}, "--dir"},
  };
  for (const auto& test : cases) {
    EXPECT_THAT(
        ParseCommandLine(test.arguments),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(test.text)));
  }
}

}  // namespace
}  // namespace tutti::controller
