#include "agent/runner/processes/launch.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "agent/runner/kinds/kind.h"
#include "agent/runner/processes/cgroup_pool.h"
#include "agent/runner/processes/event_loop.h"
#include "agent/runner/processes/held_task.h"
#include "agent/runner/processes/starter_threads.h"
#include "common/base/file_descriptor.h"
#include "common/base/status_macros.h"
#include "tests/support/status_matchers.h"

namespace tutti::runner {
namespace {

using ::testing::_;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using ::tutti::testing::IsOk;
using ::tutti::testing::StatusIs;

class LaunchTest : public ::testing::Test {
 protected:
  LaunchTest() {
    key_.set_job_uuid("0123456789abcdef");
    key_.set_attempt(2);
    key_.set_target("web01");
    spec_.set_fleet("demo");
    spec_.set_target_count(40);
    spec_.mutable_command()->add_arguments("uptime");
  }

  absl::StatusOr<Launch> Plan() {
    TUTTI_ASSIGN_OR_RETURN(User user, LookUpUser(ChooseUser(spec_, settings_)));
    TUTTI_ASSIGN_OR_RETURN(JobWork work, PlanWork({spec_, {}}, {}));
    return PlanLaunch(spec_, key_, settings_, std::move(user), std::move(work));
  }

  void Set(const std::string& name, const std::string& value) {
    tutti::v1::EnvironmentVariable& variable = *spec_.add_environment();
    variable.set_name(name);
    variable.set_value(value);
  }

  tutti::v1::AttemptKey key_;
  tutti::v1::JobSpec spec_;
  LaunchSettings settings_;
};

TEST_F(LaunchTest, WhatCameBesideTheSpecIsInTheEnvironment) {
  TUTTI_ASSERT_OK_AND_ASSIGN(User user,
                             LookUpUser(ChooseUser(spec_, settings_)));
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const Launch launch,
      PlanLaunch(spec_, key_, settings_, std::move(user),
                 {.arguments = {"uptime"},
                  .environment = {{"TUTTI_PARAM_PORT", "8080"}}}));
  EXPECT_THAT(launch.environment, Contains("TUTTI_PARAM_PORT=8080"));
}

TEST_F(LaunchTest, TheEnvironmentIsThisAndNothingElse) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const Launch launch, Plan());
  EXPECT_THAT(
      launch.environment,
      ElementsAre(StartsWith("HOME=/"), "LANG=C.UTF-8", StartsWith("LOGNAME="),
                  "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin"
                  ":/bin",
                  StartsWith("SHELL=/"), "TUTTI_ATTEMPT=2", "TUTTI_COUNT=40",
                  "TUTTI_FLEET=demo",
                  "TUTTI_JOB=30313233-3435-3637-3839-616263646566",
                  "TUTTI_TARGET=web01", StartsWith("USER=")));
}

TEST_F(LaunchTest, TheSpecGoesBeforeTheConfigurationAndTuttiBeforeBoth) {
  settings_.environment = {{"A", "host"}, {"B", "host"}, {"TUTTI_JOB", "x"}};
  Set("B", "spec");
  TUTTI_ASSERT_OK_AND_ASSIGN(const Launch launch, Plan());
  EXPECT_THAT(launch.environment, Contains("A=host"));
  EXPECT_THAT(launch.environment, Contains("B=spec"));
  EXPECT_THAT(launch.environment, Not(Contains("TUTTI_JOB=x")));
}

TEST_F(LaunchTest, AProgramWithoutASlashIsLookedUpInItsOwnPath) {
  Set("PATH", "/opt/bin::/bin");
  TUTTI_ASSERT_OK_AND_ASSIGN(Launch launch, Plan());
  EXPECT_THAT(launch.programs,
              ElementsAre("/opt/bin/uptime", "./uptime", "/bin/uptime"));
  spec_.mutable_command()->set_arguments(0, "./uptime");
  TUTTI_ASSERT_OK_AND_ASSIGN(launch, Plan());
  EXPECT_THAT(launch.programs, ElementsAre("./uptime"));
}

TEST_F(LaunchTest, TheHomeIsTheDirectoryUnlessOneIsGiven) {
  TUTTI_ASSERT_OK_AND_ASSIGN(Launch launch, Plan());
  EXPECT_EQ(launch.directory, launch.user.home);
  EXPECT_TRUE(launch.any_directory);
  spec_.set_working_directory("/srv");
  TUTTI_ASSERT_OK_AND_ASSIGN(launch, Plan());
  EXPECT_EQ(launch.directory, "/srv");
  EXPECT_FALSE(launch.any_directory);
}

TEST_F(LaunchTest, UsersAndGroupsThatAreNotThereAreNamed) {
  spec_.set_user("bob-who-is-not-here");
  EXPECT_THAT(Plan().status(),
              StatusIs(absl::StatusCode::kNotFound,
                       "no user 'bob-who-is-not-here' on this host"));
  spec_.set_user("nobody");
  spec_.set_group("nor-this-group");
  EXPECT_THAT(Plan().status(),
              StatusIs(absl::StatusCode::kNotFound,
                       "no group 'nor-this-group' on this host"));
}

TEST_F(LaunchTest, TheDefaultUserIsTheHostsUnlessTheSpecNamesOne) {
  if (geteuid() != 0) {
    spec_.set_user("nobody");
    EXPECT_THAT(Plan().status(), StatusIs(absl::StatusCode::kPermissionDenied,
                                          HasSubstr("does not run as root")));
    return;
  }
  settings_.default_user = "nobody";
  TUTTI_ASSERT_OK_AND_ASSIGN(Launch launch, Plan());
  EXPECT_EQ(launch.user.name, "nobody");
  spec_.set_user("daemon");
  spec_.set_group("nogroup");
  TUTTI_ASSERT_OK_AND_ASSIGN(launch, Plan());
  EXPECT_EQ(launch.user.name, "daemon");
  EXPECT_EQ(launch.user.gid, 65534u);
}

// Whoever held a task has no privileges, and must not lend those of the runner.
TEST(ReturnedTaskTest, DescriptorsAreWhatTheyAreSaidToBe) {
  ReturnedTask task;
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const FileDescriptor write_end(ends[1]);
  task.descriptors.emplace_back(ends[0]);
  task.descriptors.emplace_back(eventfd(0, EFD_CLOEXEC));
  task.descriptors.emplace_back(
      static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0)));
  EXPECT_THAT(task.Take(0, S_IFIFO), IsOk());
  EXPECT_THAT(task.TakePidfd(2), IsOk());
  for (const uint32_t place : {0u, 1u, 2u, 3u}) {
    EXPECT_THAT(task.TakePidfd(place).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, _))
        << place;
  }
}

// Its process may have been reaped meanwhile.
TEST(ReturnedTaskTest, APidfdStaysOneAfterItsProcess) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) _exit(0);
  ReturnedTask task;
  task.descriptors.emplace_back(
      static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_THAT(task.TakePidfd(0), IsOk());
}

// In a process of its own, as a user to whom limits of processes apply.
TEST(StarterThreadsTest, WithoutThreadsThereIsAnErrorAndNoCrash) {
  const auto create = [] {
    if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0) return 1;
    const rlimit none = {0, 0};
    if (setrlimit(RLIMIT_NPROC, &none) != 0) return 2;
    auto loop = EventLoop::Create();
    if (!loop.ok()) return 3;
    const absl::Status status = StarterThreads::Create(**loop, 2).status();
    return absl::IsResourceExhausted(status) ? 0 : 4;
  };
  EXPECT_EXIT(_exit(create()), ::testing::ExitedWithCode(0), "");
}

TEST(CgroupPoolTest, FindsTheHierarchyInBothArrangements) {
  EXPECT_EQ(FindCgroupMount("23 20 0:21 / /proc rw - proc proc rw\n"
                            "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - "
                            "cgroup2 cgroup2 rw\n"),
            "/sys/fs/cgroup");
  EXPECT_EQ(
      FindCgroupMount(
          "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
          "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"),
      "/sys/fs/cgroup/unified");
  EXPECT_EQ(FindCgroupMount("32 31 0:29 / /x rw - cgroup cgroup rw,cpu\n"), "");
  EXPECT_EQ(FindOwnCgroup("1:cpu:/\n0::/system.slice/tutti.service\n"),
            "/system.slice/tutti.service");
  EXPECT_EQ(FindOwnCgroup("1:cpu:/\n"), "");
}

// A group whose groups have limits may have no process of its own.
TEST(CgroupPoolTest, TasksStandBesideARunnerThatHasAGroupForItself) {
  EXPECT_EQ(FindTasksHome("/"), "");
  EXPECT_EQ(FindTasksHome("/runner"), "");
  EXPECT_EQ(FindTasksHome("/system.slice/tutti-runner.service"),
            "/system.slice/tutti-runner.service");
  EXPECT_EQ(FindTasksHome("/system.slice/tutti-runner.service/runner"),
            "/system.slice/tutti-runner.service");
}

}  // namespace
}  // namespace tutti::runner
