#include "controller/jobs/command_summary.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace tutti::controller {
namespace {

std::string Summarize(const std::vector<std::string>& arguments) {
  v1::Command command;
  for (const std::string& argument : arguments) {
    command.add_arguments(argument);
  }
  return CommandSummary(command);
}

TEST(CommandSummaryTest, QuotesWhatAShellWouldChange) {
  EXPECT_EQ(Summarize({"uptime"}), "uptime");
  EXPECT_EQ(Summarize({"/bin/sh", "-c", "a | b > c"}),
            "/bin/sh -c 'a | b > c'");
}

TEST(CommandSummaryTest, LongCommandsAreCut) {
  EXPECT_LT(Summarize({"echo", std::string(100'000, 'x')}).size(), 1100u);
  EXPECT_LT(Summarize(std::vector<std::string>(10'000, "word")).size(), 1100u);
}

}  // namespace
}  // namespace tutti::controller
