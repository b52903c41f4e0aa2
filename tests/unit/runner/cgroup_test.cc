// A folder that looks like a control group of which nothing can be frozen.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "agent/runner/processes/cgroup_pool.h"
#include "common/base/files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace tutti::runner {
namespace {

// Otherwise a job that is shown as suspended would go on.
TEST(CgroupTest, WhatCanNotBeFrozenIsStopped) {
  const tutti::testing::TemporaryDirectory directory;
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    while (true) pause();
  }
  TUTTI_EXPECT_OK(
      WriteFileAtomically(directory.File("cgroup.events"), "", 0600));
  TUTTI_EXPECT_OK(WriteFileAtomically(directory.File("cgroup.procs"),
                                      std::to_string(child) + "\n", 0600));
  TUTTI_ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Cgroup> cgroup,
                             Cgroup::Open(directory.path()));
  EXPECT_FALSE(cgroup->CanBeFrozen());
  EXPECT_FALSE(cgroup->SetFrozen(true).ok());
  EXPECT_FALSE(cgroup->frozen());
  cgroup->StopProcesses();
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, WUNTRACED), child);
  EXPECT_TRUE(WIFSTOPPED(status));
  kill(child, SIGKILL);
  EXPECT_EQ(waitpid(child, &status, 0), child);
}

}  // namespace
}  // namespace tutti::runner
