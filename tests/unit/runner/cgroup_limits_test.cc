// Limits against a folder that looks like a control group: the host's own may
// lack the controllers.
#include "agent/runner/processes/cgroup_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "common/base/files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace tutti::runner {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::tutti::testing::StatusIs;

class CgroupLimitsTest : public ::testing::Test {
 protected:
  CgroupLimitsTest() {
    std::filesystem::create_directory(Path("pool"));
    Write("pool/cgroup.subtree_control", "");
    limits_.set_memory_bytes(64 << 20);
    limits_.set_milli_cpus(1500);
    limits_.set_processes(20);
  }

  std::string Path(const std::string& name) const {
    return directory_.File(name);
  }
  void Write(const std::string& name, const std::string& text) {
    TUTTI_EXPECT_OK(WriteFileAtomically(Path(name), text, 0600));
  }
  std::string Read(const std::string& name) {
    return ReadFile(Path(name)).value_or("(none)");
  }
  CgroupControllers Enable() {
    return CgroupControllers::Enable(directory_.path(), Path("pool"));
  }

  tutti::testing::TemporaryDirectory directory_;
  tutti::v1::CgroupLimits limits_;
  std::vector<std::string> remarks_;
};

TEST_F(CgroupLimitsTest, WithAllControllersAllLimitsStand) {
  Write("cgroup.controllers", "cpuset cpu io memory pids\n");
  Write("cgroup.subtree_control", "");
  const tutti::v1::CgroupLimits wanted = limits_;
  TUTTI_EXPECT_OK(Enable().Fit(limits_, remarks_));
  EXPECT_EQ(limits_.SerializeAsString(), wanted.SerializeAsString());
  EXPECT_THAT(remarks_, IsEmpty());
  EXPECT_THAT(Read("cgroup.subtree_control"), HasSubstr("+pids"));
  EXPECT_THAT(Read("pool/cgroup.subtree_control"), HasSubstr("+pids"));
}

// If this fails, a job runs without the limit that it was signed with.
TEST_F(CgroupLimitsTest, WithoutAControllerItIsRefusedWithTheReason) {
  Write("cgroup.controllers", "cpu pids\n");
  Write("cgroup.subtree_control", "");
  EXPECT_THAT(
      Enable().Fit(limits_, remarks_),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               AllOf(HasSubstr("memory limits need the cgroup controller "
                               "'memory', which is not in "),
                     HasSubstr("--limit-best-effort"))));
}

TEST_F(CgroupLimitsTest, AControllerThatCanNotBeEnabledIsNone) {
  Write("cgroup.controllers", "cpu memory pids\n");
  EXPECT_THAT(Enable().Fit(limits_, remarks_),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("which can not be enabled below")));
}

TEST_F(CgroupLimitsTest, BestEffortKeepsTheOthersAndSaysSo) {
  Write("cgroup.controllers", "pids\n");
  Write("cgroup.subtree_control", "");
  limits_.set_best_effort(true);
  TUTTI_EXPECT_OK(Enable().Fit(limits_, remarks_));
  EXPECT_THAT(remarks_, ElementsAre(HasSubstr("without its memory limit"),
                                    HasSubstr("without its CPU limit")));
  EXPECT_EQ(limits_.memory_bytes(), 0u);
  EXPECT_EQ(limits_.milli_cpus(), 0u);
  EXPECT_EQ(limits_.processes(), 20u);
}

TEST_F(CgroupLimitsTest, WhereThereAreNoGroupsTheReasonSaysWhy) {
  EXPECT_THAT(
      CgroupControllers::None("there is no cgroup v2 hierarchy on this host")
          .Fit(limits_, remarks_),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               HasSubstr("there is no cgroup v2 hierarchy on this host")));
  tutti::v1::CgroupLimits none;
  TUTTI_EXPECT_OK(CgroupControllers::None("x").Fit(none, remarks_));
}

TEST_F(CgroupLimitsTest, LimitsAreWrittenAsTheKernelReadsThem) {
  for (const char* file : {"memory.max", "memory.swap.max", "memory.oom.group",
                           "cpu.max", "pids.max"}) {
    Write(file, "");
  }
  TUTTI_EXPECT_OK(WriteLimits(limits_, directory_.path()));
  EXPECT_EQ(Read("memory.max"), "67108864");
  EXPECT_EQ(Read("memory.swap.max"), "0");
  EXPECT_EQ(Read("memory.oom.group"), "1");
  EXPECT_EQ(Read("cpu.max"), "150000 100000");
  EXPECT_EQ(Read("pids.max"), "20");
}

TEST_F(CgroupLimitsTest, ALimitThatCanNotBeWrittenIsAnError) {
  EXPECT_THAT(WriteLimits(limits_, directory_.path()),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("memory.max")));
}

TEST_F(CgroupLimitsTest, KillsForMemoryAreCounted) {
  EXPECT_EQ(CountKilledForMemory(directory_.path()), 0u);
  Write("memory.events",
        "low 0\nhigh 0\nmax 31\noom 1\noom_kill 2\noom_group_kill 1\n");
  EXPECT_EQ(CountKilledForMemory(directory_.path()), 2u);
}

}  // namespace
}  // namespace tutti::runner
