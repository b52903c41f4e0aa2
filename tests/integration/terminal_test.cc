// What somebody in front of a terminal sees while a job runs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/files.h"
#include "tests/integration/fleet_test.h"
#include "tests/support/terminal_window.h"
#include "tests/support/wait.h"

namespace tutti::testing {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

using Words = std::vector<std::string>;
using Environment = std::map<std::string, std::string>;

int CountOf(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = text.find(part); at != text.npos;
       at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

class TerminalTest : public FleetTest {
 protected:
  // `tutti ARGUMENTS` in a window.
  static std::unique_ptr<TerminalWindow> Open(const Words& arguments,
                                              int columns = 100, int rows = 24,
                                              Environment environment = {}) {
    Words command = {ProgramPath("tutti")};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return OpenWindow(std::move(command), columns, rows,
                      std::move(environment));
  }
};

TEST_F(TerminalTest, TheBarShowsHowFarTheJobIsAndDisappears) {
  auto window =
      Open({"run", "-t", "all", "-c",
            "test $TUTTI_TARGET != web2 || exit 0; " + gate().Wait()});
  ASSERT_TRUE(window->WaitForScreen("] 1/3 completed · 2 running"))
      << window->Screen();
  EXPECT_THAT(window->Screen(), ContainsRegex("job [0-9]+ · [0-9]+ s · \\[█"));
  gate().Open();
  ASSERT_TRUE(window->WaitForScreen("[status 0]")) << window->Screen();
  EXPECT_THAT(window->Screen(), AllOf(HasSubstr("3 targets completed in"),
                                      Not(HasSubstr("1/3 completed"))));
  EXPECT_THAT(window->Written(), HasSubstr("\x1b[32m█"));
}

TEST_F(TerminalTest, LinesGoByAboveTheBarAndStay) {
  auto window = Open(
      {"run", "-t", "all", "-c", "echo up; " + gate().Wait() + "; echo down"});
  ASSERT_TRUE(window->WaitForScreen("0/3 completed")) << window->Screen();
  const std::string screen = window->Screen();
  EXPECT_EQ(CountOf(screen, ": up\n"), 3) << screen;
  EXPECT_LT(screen.rfind(": up\n"), screen.find("0/3 completed")) << screen;
  gate().Open();
  ASSERT_TRUE(window->WaitForScreen("[status 0]")) << window->Screen();
  EXPECT_EQ(CountOf(window->Screen(), ": up\n"), 3) << window->Screen();
  EXPECT_EQ(CountOf(window->Screen(), ": down\n"), 3) << window->Screen();
  EXPECT_THAT(window->Screen(), Not(HasSubstr("0/3")));
}

// If this fails, a file has control sequences in it, or nobody sees how far a
// job is whose output goes there.
TEST_F(TerminalTest, OutputInAFileLeavesTheBarOnTheTerminal) {
  const std::string file = fleet().File("redirected");
  auto window =
      OpenWindow({"/bin/sh", "-c",
                  fmt::format("{} run -t web1 -c 'echo up; {}' > {}",
                              ProgramPath("tutti"), gate().Wait(), file)});
  ASSERT_TRUE(window->WaitForScreen("0/1 completed · 1 running"))
      << window->Screen();
  EXPECT_EQ(ReadFile(file).value_or(""), "web1: up\n");
  gate().Open();
  ASSERT_TRUE(window->WaitForScreen("[status 0]")) << window->Screen();
  EXPECT_EQ(ReadFile(file).value_or(""), "web1: up\n");
  EXPECT_THAT(window->Screen(),
              AllOf(HasSubstr("1 target completed"), Not(HasSubstr("0/1"))));
}

// Of the longest line.
int WidthOf(const std::string& screen) {
  int longest = 0;
  int width = 0;
  for (const char c : screen) {
    const bool begins_character = (static_cast<uint8_t>(c) & 0xc0) != 0x80;
    width = c == '\n' ? 0 : width + (begins_character ? 1 : 0);
    longest = std::max(longest, width);
  }
  return longest;
}

// If this fails, pieces of older bars stay on the screen.
TEST_F(TerminalTest, AWindowMadeSmallerAndLargerHoldsOneBar) {
  auto window =
      Open({"run", "-t", "all", "-c", "echo up; " + gate().Wait()}, 120);
  ASSERT_TRUE(window->WaitForScreen("0/3 completed · 3 running"));
  for (const int columns : {30, 20, 70, 24, 120}) {
    window->Resize(columns, 12);
    const auto is_clean = [&] {
      const std::string screen = window->Screen();
      const std::string front = columns == 120 ? "job " : "[▒";
      // What was wrapped fills a row.
      return CountOf(screen, "0/3") == 1 && CountOf(screen, "▒]") == 1 &&
             CountOf(screen, "[▒") == 1 && WidthOf(screen) < columns &&
             screen.find(front) != screen.npos;
    };
    EXPECT_TRUE(WaitUntil(is_clean, absl::Seconds(10)))
        << columns << " columns:\n"
        << window->Screen();
  }
  EXPECT_EQ(CountOf(window->ScreenAndHistory(), ": up\n"), 3)
      << window->ScreenAndHistory();
  gate().Open();
  ASSERT_TRUE(window->WaitForScreen("[status 0]")) << window->Screen();
  EXPECT_THAT(window->ScreenAndHistory(), Not(HasSubstr("0/3")));
}

TEST_F(TerminalTest, OutputIsGatheredLiveInsideTheWindow) {
  auto window = Open(
      {"run", "-t", "all", "-b", "-c",
       "seq 100; test $TUTTI_TARGET != web2 || echo odd; " + gate().Wait()},
      80, 9);
  ASSERT_TRUE(window->WaitForScreen("── 1 target: web2")) << window->Screen();
  EXPECT_THAT(window->Screen(),
              AllOf(HasSubstr("── 2 targets: web[1,3]\n"), HasSubstr("odd\n"),
                    HasSubstr("0/3 completed")));
  window->Resize(60, 4);
  ASSERT_TRUE(WaitUntil([&] {
    return CountOf(window->Screen(), "0/3 completed") == 1 &&
           CountOf(window->Screen(), "──") <= 1;
  })) << window->Screen();
  gate().Open();
  window->Resize(80, 24);
  ASSERT_TRUE(window->WaitForScreen("[status 0]")) << window->Screen();
  EXPECT_THAT(window->Screen(), HasSubstr("\n100\nodd\n"));
}

TEST_F(TerminalTest, NoColorMeansNone) {
  auto window = Open({"run", "-t", "all", "-c", gate().Wait()}, 100, 24,
                     {{"NO_COLOR", "1"}});
  ASSERT_TRUE(window->WaitForScreen("[▒")) << window->Screen();
  gate().Open();
  ASSERT_TRUE(window->WaitForScreen("[status 0]")) << window->Screen();
  EXPECT_THAT(window->Written(), Not(ContainsRegex("\x1b\\[[0-9;]*m")));
}

TEST_F(TerminalTest, ADumbTerminalGetsPlainText) {
  auto window = Open({"run", "-t", "all", "-c", "echo up; " + gate().Wait()},
                     100, 24, {{"TERM", "dumb"}});
  ASSERT_TRUE(
      window->WaitForScreen("[++++++++++++++++++++++++] 0/3 completed "
                            "| 3 running"))
      << window->Screen();
  gate().Open();
  ASSERT_TRUE(window->WaitForScreen("[status 0]")) << window->Screen();
  EXPECT_THAT(window->Written(), Not(HasSubstr("\x1b")));
  EXPECT_THAT(window->Screen(), Not(HasSubstr("0/3")));
  EXPECT_EQ(CountOf(window->Screen(), ": up\n"), 3) << window->Screen();
}

TEST_F(TerminalTest, WithoutUtf8TheBarIsAscii) {
  auto window = Open({"run", "-t", "all", "-c", gate().Wait()}, 100, 24,
                     {{"LC_ALL", "C"}});
  ASSERT_TRUE(window->WaitForScreen("[+++")) << window->Screen();
  gate().Open();
  ASSERT_TRUE(window->WaitForScreen("[status 0]")) << window->Screen();
}

TEST_F(TerminalTest, InterruptAsksAndTheJobGoesOnWhenThatIsTheAnswer) {
  auto window = Open({"run", "-t", "all", "-f", "1", "-c", gate().Wait()});
  ASSERT_TRUE(window->WaitForScreen("1 running")) << window->Screen();
  window->Press("C-c");
  ASSERT_TRUE(window->WaitForScreen("[d]etach or [g]o on?"))
      << window->Screen();
  // Everybody who follows the job sees why nothing starts.
  ASSERT_TRUE(window->WaitForScreen("completed · held · ")) << window->Screen();
  window->Press("g");
  gate().Open();
  ASSERT_TRUE(window->WaitForScreen("[status 0]")) << window->Screen();
  EXPECT_THAT(window->Screen(), Not(HasSubstr("[g]o on?")));
}

TEST_F(TerminalTest, InterruptAsksAndTheJobIsStoppedWhenThatIsTheAnswer) {
  auto window = Open({"run", "-t", "all", "--", "sleep", "1000"});
  ASSERT_TRUE(window->WaitForScreen("3 running")) << window->Screen();
  window->Press("C-c");
  ASSERT_TRUE(window->WaitForScreen("[s]top the job")) << window->Screen();
  window->Press("s");
  ASSERT_TRUE(window->WaitForScreen("[status 130]")) << window->Screen();
  EXPECT_THAT(window->Screen(), HasSubstr("3 stopped: web[1-3]"));
}

// Whoever watches is told what the job waits for, and sees it go on.
TEST_F(TerminalTest, AFollowerSeesTheCanaryWaitAndTheApproval) {
  ASSERT_EQ(fleet()
                .Run({"run", "-d", "-t", "all", "--name", "watched", "--canary",
                      "1", "-c", "test $TUTTI_TARGET != web1"})
                .status,
            0);
  auto window = Open({"job", "receive", "watched", "--follow"}, 120);
  ASSERT_TRUE(
      window->WaitForScreen("0/3 completed · BLOCKED · 1 failed · 2 "
                            "pending"))
      << window->Screen();
  EXPECT_THAT(window->Screen(),
              ContainsRegex(
                  "waiting for web\\[2-3\\] \\(until tutti job approve [0-9]"));
  const Finished approved = fleet().Run({"job", "approve", "watched"});
  EXPECT_EQ(approved.status, 0) << approved.error;
  ASSERT_TRUE(window->WaitForScreen("[status 1]")) << window->Screen();
  EXPECT_THAT(window->Screen(), AllOf(HasSubstr("1 failed (exit 1): web1"),
                                      Not(HasSubstr("0/3"))));
}

TEST_F(TerminalTest, WaitingShowsTheBarToo) {
  fleet().Run(
      {"run", "-d", "-t", "all", "--name", "awaited", "-c", gate().Wait()});
  auto window = Open({"job", "wait", "awaited"});
  ASSERT_TRUE(window->WaitForScreen("0/3 completed")) << window->Screen();
  EXPECT_EQ(fleet().Run({"job", "suspend", "awaited"}).status, 0);
  ASSERT_TRUE(window->WaitForScreen("3 suspended")) << window->Screen();
  EXPECT_EQ(fleet().Run({"job", "resume", "awaited"}).status, 0);
  gate().Open();
  ASSERT_TRUE(window->WaitForScreen("[status 0]")) << window->Screen();
  EXPECT_THAT(window->Screen(), Not(HasSubstr("0/3")));
}

// A verb that can not be taken back asks; nothing but "y" is a yes.
TEST_F(TerminalTest, RemovingAnAgentAsks) {
  const Finished enrolled =
      fleet().Enroll("spare", fleet().MakeToken({"--name", "spare"}));
  ASSERT_EQ(enrolled.status, 0) << enrolled.error;
  {
    auto window = Open({"agent", "remove", "spare"});
    ASSERT_TRUE(window->WaitForScreen("Remove spare (offline)"))
        << window->Screen();
    window->Press("Enter");
    ASSERT_TRUE(window->WaitForScreen("[status 2]")) << window->Screen();
    EXPECT_THAT(window->Screen(), HasSubstr("nothing was removed"));
  }
  auto window = Open({"agent", "remove", "spare"});
  ASSERT_TRUE(window->WaitForScreen("[y/N]")) << window->Screen();
  window->Press("y");
  window->Press("Enter");
  ASSERT_TRUE(window->WaitForScreen("[status 0]")) << window->Screen();
  EXPECT_EQ(fleet().Run({"agent", "show", "spare"}).status, 2);
}

}  // namespace
}  // namespace tutti::testing
