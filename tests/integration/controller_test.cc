// The controller as a service: signals, ports, descriptors, explorers.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <string>
#include <vector>

#include "common/base/file_descriptor.h"
#include "common/base/files.h"
#include "common/base/sanitizer.h"
#include "tests/support/fleet.h"
#include "tests/support/wait.h"

namespace tutti::testing {
namespace {

using ::testing::HasSubstr;

TEST(ControllerTest, TerminationDrainsAndExitsWithZero) {
  Fleet fleet;
  fleet.AddTarget("web1");
  fleet.WaitForOnline(1);
  fleet.controller().Signal(SIGTERM);
  EXPECT_EQ(fleet.controller().Wait(absl::Seconds(20)), 0)
      << fleet.controller().error();
}

TEST(ControllerTest, JobsAndTheirNumbersSurviveARestart) {
  Fleet fleet;
  fleet.AddTarget("web1");
  fleet.WaitForOnline(1);
  EXPECT_EQ(
      fleet.Run({"run", "-t", "web1", "--name", "before", "--", "echo", "kept"})
          .status,
      0);
  fleet.controller().Signal(SIGTERM);
  ASSERT_EQ(fleet.controller().Wait(absl::Seconds(20)), 0);
  fleet.StartController();
  fleet.WaitForOnline(1);
  EXPECT_THAT(fleet.Run({"job", "list"}).output, HasSubstr("before"));
  EXPECT_THAT(fleet.Run({"job", "receive", "before"}).output,
              HasSubstr("web1: kept\n"));
  const Finished next = fleet.Run({"run", "-d", "-t", "web1", "--", "true"});
  EXPECT_EQ(next.output, "2\n");
}

TEST(ControllerTest, HangupReloads) {
  Fleet fleet;
  fleet.controller().Signal(SIGHUP);
  EXPECT_TRUE(fleet.controller().WaitForError("reload"))
      << fleet.controller().error();
  EXPECT_EQ(fleet.Run({"agent", "list"}).status, 0);
}

TEST(ControllerTest, SecondOneOnTheSameFolderIsRefused) {
  Fleet fleet;
  const Finished second =
      RunToEnd({.arguments = {ProgramPath("tutti-controller"), "run", "--dir",
                              fleet.ControllerDirectory()},
                .environment = {},
                .standard_input = "",
                .output_path = ""});
  EXPECT_NE(second.status, 0);
  EXPECT_THAT(second.error, HasSubstr("another controller"));
}

TEST(ControllerTest, ListensOnIPv4AndIPv6) {
  Fleet fleet(
      {.name = "test",
       .controller_flags = {"--listen", "127.0.0.1:0", "--listen", "[::1]:0"}});
  EXPECT_EQ(fleet.Run({"agent", "list"}).status, 0)
      << fleet.controller().error();
}

// Running out of descriptors must not end the listening for good.
TEST(ControllerTest, SurvivesRunningOutOfDescriptors) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer needs descriptors of its own";
  Fleet fleet;
  const rlimit few = {.rlim_cur = 64, .rlim_max = 64};
  ASSERT_EQ(prlimit(fleet.controller().pid(), RLIMIT_NOFILE, &few, nullptr), 0);
  {
    std::vector<std::unique_ptr<Process>> crowd;
    const std::string connect = fmt::format(
        "import socket,time\n"
        "held = []\n"
        "for _ in range(100):\n"
        "    held.append(socket.create_connection(('127.0.0.1', {})))\n"
        "print('full', flush=True)\n"
        "time.sleep(100)\n",
        fleet.port());
    crowd.push_back(std::make_unique<Process>(
        Process::Options{{"/usr/bin/python3", "-c", connect}, {}, "", ""}));
    ASSERT_TRUE(crowd[0]->WaitForOutput("full")) << crowd[0]->error();
    EXPECT_TRUE(fleet.controller().WaitForError("too many open files"))
        << fleet.controller().error();
  }
  EXPECT_TRUE(WaitUntil([&] {
    return fleet.Run({"agent", "list"}).status == 0;
  })) << fleet.controller().error();
}

}  // namespace
}  // namespace tutti::testing
