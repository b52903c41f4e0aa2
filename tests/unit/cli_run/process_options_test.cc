// Each mistake is refused before anything starts, with the option's name.
#include "controller/cli/run/process_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "common/base/files.h"
#include "common/signing/check_process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace tutti::cli {
namespace {

using ::testing::StartsWith;
using ::tutti::testing::StatusIs;

v1::JobSpec Parsed(const ProcessOptions& options) {
  v1::JobSpec work;
  TUTTI_EXPECT_OK(ParseProcess(options, work));
  TUTTI_EXPECT_OK(CheckProcessSettings(work));
  return work;
}

TEST(ProcessOptionsTest, WithoutAnyNothingIsSaid) {
  EXPECT_EQ(Parsed({}).ByteSizeLong(), 0u);
}

TEST(ProcessOptionsTest, SudoIsTheUserRoot) {
  ProcessOptions options;
  options.sudo = true;
  EXPECT_EQ(Parsed(options).user(), "root");
}

TEST(ProcessOptionsTest, VariablesAreCutAtTheFirstEquals) {
  ProcessOptions options;
  options.environment = {"A=b=c", "D="};
  const v1::JobSpec work = Parsed(options);
  ASSERT_EQ(work.environment_size(), 2);
  EXPECT_EQ(work.environment(0).name(), "A");
  EXPECT_EQ(work.environment(0).value(), "b=c");
  EXPECT_EQ(work.environment(1).value(), "");
}

TEST(ProcessOptionsTest, EnvGoesBeforeEveryFileAndALaterFileBeforeAnEarlier) {
  const testing::TemporaryDirectory directory;
  const auto write = [&](const std::string& name, const std::string& text) {
    TUTTI_EXPECT_OK(WriteFileAtomically(directory.File(name), text, 0600));
    return directory.File(name);
  };
  ProcessOptions options;
  options.environment_files = {write("a", "A=1\nB=1\nC=1\n"),
                               write("b", "B=2\nC=2\n")};
  options.environment = {"C=3"};
  const v1::JobSpec work = Parsed(options);
  std::string text;
  for (const v1::EnvironmentVariable& variable : work.environment()) {
    text += variable.name() + "=" + variable.value() + " ";
  }
  EXPECT_EQ(text, "C=3 A=1 B=2 ");
}

TEST(ProcessOptionsTest, PrioritiesAndMask) {
  ProcessOptions options;
  options.umask = "027";
  options.nice = "-5";
  options.io_priority = "best-effort:7";
  const v1::JobSpec work = Parsed(options);
  EXPECT_EQ(work.umask(), 027u);
  EXPECT_EQ(work.nice(), -5);
  EXPECT_EQ(work.io_priority().scheduling_class(),
            v1::IoPriority::SCHEDULING_CLASS_BEST_EFFORT);
  EXPECT_EQ(work.io_priority().level(), 7u);
  options.io_priority = "idle";
  EXPECT_EQ(Parsed(options).io_priority().level(), 0u);
}

TEST(ProcessOptionsTest, LimitsOfEachProcess) {
  ProcessOptions options;
  options.resource_limits = {"nofile=4096", "stack=8MiB:unlimited"};
  const v1::JobSpec work = Parsed(options);
  EXPECT_EQ(work.resource_limits(0).resource(), "nofile");
  EXPECT_EQ(work.resource_limits(0).hard(), 4096u);
  EXPECT_EQ(work.resource_limits(1).soft(), 8u << 20);
  EXPECT_FALSE(work.resource_limits(1).has_hard());
}

TEST(ProcessOptionsTest, LimitsOfTheWholeTask) {
  ProcessOptions options;
  options.memory = "512MiB";
  options.cpus = "0.5";
  options.max_processes = "20";
  options.limit_best_effort = true;
  const v1::CgroupLimits limits = Parsed(options).cgroup_limits();
  EXPECT_EQ(limits.memory_bytes(), 512u << 20);
  EXPECT_EQ(limits.milli_cpus(), 500u);
  EXPECT_EQ(limits.processes(), 20u);
  EXPECT_TRUE(limits.best_effort());
}

struct BadCase {
  std::function<void(ProcessOptions&)> spoil;
  std::string option;
};

TEST(ProcessOptionsTest, ValuesThatAreNone) {
  using Options = ProcessOptions;
  const std::vector<BadCase> cases = {
      {[](Options& o) { o.environment = {"NOVALUE"}; }, "--env"},
      {[](Options& o) { o.environment = {"=x"}; }, "--env"},
      {[](Options& o) { o.user = ":group"; }, "-u"},
      {[](Options& o) { o.user = "user:"; }, "-u"},
      {[](Options& o) { o.user = "www", o.sudo = true; }, "--sudo"},
      {[](Options& o) { o.working_directory = "here"; }, "--cwd"},
      {[](Options& o) { o.timeout = absl::ZeroDuration(); }, "--timeout"},
      {[](Options& o) { o.umask = "8"; }, "--umask"},
      {[](Options& o) { o.umask = "1777"; }, "--umask"},
      {[](Options& o) { o.nice = "20"; }, "--nice"},
      {[](Options& o) { o.nice = "low"; }, "--nice"},
      {[](Options& o) { o.io_priority = "idle:3"; }, "--ionice"},
      {[](Options& o) { o.io_priority = "best-effort:8"; }, "--ionice"},
      {[](Options& o) { o.io_priority = "fast"; }, "--ionice"},
      {[](Options& o) { o.resource_limits = {"nofile"}; }, "--rlimit"},
      {[](Options& o) { o.resource_limits = {"files=3"}; }, "--rlimit"},
      {[](Options& o) { o.resource_limits = {"nofile=many"}; }, "--rlimit"},
      {[](Options& o) { o.memory = "much"; }, "--memory"},
      {[](Options& o) { o.memory = "4096"; }, "--memory"},
      {[](Options& o) { o.cpus = "0"; }, "--cpus"},
      {[](Options& o) { o.cpus = "nan"; }, "--cpus"},
      {[](Options& o) { o.max_processes = "0"; }, "--max-processes"},
      {[](Options& o) { o.limit_best_effort = true; }, "--limit-best-effort"},
  };
  for (const BadCase& bad : cases) {
    ProcessOptions options;
    bad.spoil(options);
    v1::JobSpec work;
    EXPECT_THAT(
        ParseProcess(options, work),
        StatusIs(absl::StatusCode::kInvalidArgument, StartsWith(bad.option)));
  }
}

}  // namespace
}  // namespace tutti::cli
