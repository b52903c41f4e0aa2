// What operators give their jobs to read, and terminals.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "common/base/files.h"
#include "common/identity/sha256.h"
#include "tests/integration/fleet_test.h"
#include "tests/support/terminal_window.h"
#include "tests/support/wait.h"

namespace tutti::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

using Words = std::vector<std::string>;

// Every byte, in an order that shows what is missing or twice.
std::string Bytes(size_t size) {
  std::string bytes(size, '\0');
  uint32_t state = 1;
  for (char& byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

// As sha256sum prints it.
std::string HashOf(const std::string& bytes) {
  return absl::BytesToHexString(Sha256(bytes));
}

class InputTest : public FleetTest {
 protected:
  static std::unique_ptr<TerminalWindow> Open(const Words& arguments) {
    Words command = {ProgramPath("tutti")};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return OpenWindow(std::move(command));
  }
};

TEST_F(InputTest, EveryTargetGetsEveryByteAndTheEnd) {
  const std::string bytes = Bytes(5'000'001);
  const Finished run =
      fleet().Run({"run", "-t", "all", "--stdin", "--", "sha256sum"}, bytes);
  EXPECT_EQ(run.status, 0) << run.error;
  for (const char* target : {"web1", "web2", "web3"}) {
    EXPECT_THAT(run.output,
                HasSubstr(std::string(target) + ": " + HashOf(bytes)));
  }
}

TEST_F(InputTest, NoInputIsAnEndAtOnce) {
  const Finished run =
      fleet().Run({"run", "-t", "web1", "-N", "--stdin", "--", "wc", "-c"});
  EXPECT_EQ(run.output, "0\n") << run.error;
}

TEST_F(InputTest, AProgramThatReadsNoMoreEndsItself) {
  const Finished run = fleet().Run(
      {"run", "-t", "web1,web2", "--stdin", "--", "head", "-c", "3"},
      "abc" + Bytes(9'000'000));
  EXPECT_EQ(run.status, 0) << run.error;
  EXPECT_THAT(run.output,
              AllOf(HasSubstr("web1: abc"), HasSubstr("web2: abc")));
}

TEST_F(InputTest, TheSlowestDecidesUnlessItIsLeftBehind) {
  const std::string reads =
      "[ $TUTTI_TARGET = web2 ] && " + gate().Wait() + "; wc -c";
  const auto run = fleet().Start(
      {"run", "-t", "web1,web2", "--stdin", "-c", reads}, "", Bytes(9'000'000));
  EXPECT_TRUE(run->WaitForError("the input waits for web2")) << run->error();
  gate().Open();
  EXPECT_EQ(run->Wait(), 0) << run->error();
  run->Drain();
  EXPECT_THAT(run->output(), AllOf(HasSubstr("web1: 9000000\n"),
                                   HasSubstr("web2: 9000000\n")));

  const Finished left = fleet().Run(
      {"run", "-t", "web1,web2", "--stdin", "--stdin-policy", "drop-slow:1s",
       "-c", "[ $TUTTI_TARGET = web2 ] && exec sleep 100; wc -c"},
      Bytes(9'000'000));
  EXPECT_EQ(left.status, 3);
  EXPECT_THAT(left.output, HasSubstr("web1: 9000000\n"));
  EXPECT_THAT(left.error, HasSubstr("left behind"));
}

// If this fails, a restart of the controller costs bytes, or gives some twice.
TEST_F(InputTest, SurvivesARestartOfTheController) {
  const std::string bytes = Bytes(9'000'000);
  const auto run = fleet().Start({"run", "-t", "web1,web2", "--stdin", "-c",
                                  gate().Wait() + "; sha256sum"},
                                 "", bytes);
  EXPECT_TRUE(run->WaitForError("the input waits for")) << run->error();
  fleet().KillController();
  fleet().StartController();
  gate().Open();
  EXPECT_EQ(run->Wait(), 0) << run->error();
  run->Drain();
  for (const char* target : {"web1", "web2"}) {
    EXPECT_THAT(run->output(),
                HasSubstr(std::string(target) + ": " + HashOf(bytes)));
  }
  fleet().WaitForOnline(3);
}

// To its program the end of a part would look like the whole.
TEST_F(InputTest, AJobThatIsLeftInTheMiddleOfItsInputIsStopped) {
  const std::string witness = fleet().File("whole");
  const auto run =
      fleet().Start({"run", "-t", "web1", "--stdin", "-c",
                     "while :; do sleep 1; done; touch " + witness},
                    "", Bytes(9'000'000));
  EXPECT_TRUE(run->WaitForError("the input waits for web1")) << run->error();
  run->Signal(SIGHUP);
  EXPECT_EQ(run->Wait(), 7);
  run->Drain();
  EXPECT_THAT(run->error(), HasSubstr("rest of its input"));
  const Finished waited = fleet().Run({"job", "wait", "last"});
  EXPECT_EQ(waited.status, 3);
  EXPECT_FALSE(ReadFile(witness).ok());
}

TEST_F(InputTest, ItIsNotTriedAgain) {
  ASSERT_EQ(fleet().Run({"run", "-t", "web1", "--stdin", "--", "false"}).status,
            1);
  const Finished retry = fleet().Run({"job", "retry", "last"});
  EXPECT_EQ(retry.status, 2);
  EXPECT_THAT(retry.error, HasSubstr("standard input that is gone"));
}

TEST_F(InputTest, WhatContradictsItStartsNothing) {
  const std::string witness = fleet().File("started");
  for (const Words& words :
       std::vector<Words>{{"-d"},
                          {"-f", "1"},
                          {"--batch", "1"},
                          {"--offline", "wait"},
                          {"--on-interrupt", "detach"},
                          {"-T", "-"},
                          {"--tty"},
                          {"--stdin-policy", "fast"},
                          {"--stdin-policy", "drop-slow:0"}}) {
    Words line = {"run", "-t", "web1", "--stdin"};
    line.insert(line.end(), words.begin(), words.end());
    line.insert(line.end(), {"--", "touch", witness});
    const Finished run = fleet().Run(line);
    EXPECT_EQ(run.status, 2) << words[0];
    EXPECT_EQ(std::count(run.error.begin(), run.error.end(), '\n'), 1)
        << run.error;
  }
  for (const Words& line : std::vector<Words>{
           {"run", "-t", "web1", "--tty", "--", "touch", witness},
           {"run", "-t", "web1", "--stdin-policy", "wait", "--", "touch",
            witness},
           {"shell", "web1"}}) {
    const Finished run = fleet().Run(line);
    // A shell ends like -S.
    EXPECT_EQ(run.status, line[0] == "shell" ? 242 : 2);
    EXPECT_THAT(run.error,
                HasSubstr(line[0] == "run" && line[3] != "--tty" ? "--stdin"
                                                                 : "terminal"));
  }
  EXPECT_FALSE(ReadFile(witness).ok());
}

// --- terminals ---

TEST_F(InputTest, AShellHasATerminalOfTheSameSize) {
  const auto window = OpenWindow(
      {"/bin/sh", "-c",
       fmt::format("before=$(stty -g); {} shell web1 -- /bin/sh; status=$?; "
                   "[ \"$(stty -g)\" = \"$before\" ] && echo as before; "
                   "exit $status",
                   ProgramPath("tutti"))});
  // Its prompt, for root and others.
  ASSERT_TRUE(WaitUntil([&] {
    const std::string screen = window->Screen();
    return screen.find_first_of("#$") != screen.npos;
  })) << window->Screen();
  window->Press("stty size; tty; echo at $TUTTI_TARGET");
  window->Press("Enter");
  EXPECT_TRUE(window->WaitForScreen("at web1")) << window->Screen();
  EXPECT_THAT(window->Screen(), AllOf(HasSubstr("24 80"), HasSubstr("/dev/")));
  window->Resize(60, 20);
  window->Press(
      "while [ \"$(stty size)\" != '20 60' ]; do :; done; echo f\\it");
  window->Press("Enter");
  EXPECT_TRUE(window->WaitForScreen("fit")) << window->Screen();
  window->Press("exit 3");
  window->Press("Enter");
  EXPECT_TRUE(window->WaitForScreen("[status 3]")) << window->Screen();
  EXPECT_THAT(window->Screen(), HasSubstr("as before"));
}

TEST_F(InputTest, CtrlCReachesTheProgramAndNotTheJob) {
  const auto window = Open({"run", "-t", "web1", "--tty", "-c",
                            "trap 'echo caught; exit 5' INT; echo ready; "
                            "while :; do sleep 1; done"});
  ASSERT_TRUE(window->WaitForScreen("ready")) << window->Screen();
  window->Press("C-c");
  EXPECT_TRUE(window->WaitForScreen("caught")) << window->Screen();
  // As of any run: some target failed.
  EXPECT_TRUE(window->WaitForScreen("[status 1]")) << window->Screen();
}

TEST_F(InputTest, AnEscapeLeavesAShellThatDoesNotAnswer) {
  const auto window = Open(
      {"shell", "web1", "--", "sh", "-c", "trap '' INT; echo on; sleep 1000"});
  ASSERT_TRUE(window->WaitForScreen("on")) << window->Screen();
  window->Press("Enter");
  window->Press("~");
  window->Press(".");
  EXPECT_TRUE(window->WaitForScreen("[status ")) << window->Screen();
  EXPECT_THAT(window->Screen(), HasSubstr("stopping"));
}

}  // namespace
}  // namespace tutti::testing
