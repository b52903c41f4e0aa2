// How a process is set up, and what runs a script: real processes.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "agent/runner/server/runner_server.h"
#include "common/base/files.h"
#include "tests/unit/runner/contained_runner_test.h"
#include "tests/unit/runner/test_runner.h"

namespace tutti::runner {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using ::tutti::testing::TestRunner;

constexpr auto kOut = tutti::v1::OUTPUT_STREAM_STDOUT;
constexpr auto kErr = tutti::v1::OUTPUT_STREAM_STDERR;
constexpr auto kEvent = tutti::v1::OUTPUT_STREAM_EVENT;
constexpr auto kMessage = tutti::v1::OUTPUT_STREAM_MESSAGE;
constexpr auto kResult = tutti::v1::OUTPUT_STREAM_RESULT;

class RunnerExecutionTest : public ContainedRunnerTest {
 protected:
  static tutti::v1::JobSpec Shell(const std::string& text) {
    return TestRunner::Spec({"/bin/sh", "-c", text});
  }
  static tutti::v1::JobSpec Script(
      const std::string& text, const std::vector<std::string>& arguments = {}) {
    tutti::v1::JobSpec spec = TestRunner::Spec({});
    tutti::v1::Script& script = *spec.mutable_script();
    script.set_name("deploy");
    script.set_text(text);
    for (const std::string& argument : arguments) {
      script.add_arguments(argument);
    }
    return spec;
  }
  std::string OutputOf(const tutti::v1::JobSpec& spec) {
    const v1::AttemptState state = runner_.Run(spec);
    EXPECT_EQ(state.status().state(), tutti::v1::TASK_STATE_COMPLETED)
        << state.DebugString() << runner_.Output(state.key(), kErr);
    return runner_.Output(state.key(), kOut);
  }
};

INSTANTIATE_TEST_SUITE_P(, RunnerExecutionTest, BothContainments(),
                         ContainmentName);

TEST_P(RunnerExecutionTest, MaskPrioritiesAndLimitsAreTheProcesses) {
  tutti::v1::JobSpec spec =
      Shell("umask; nice; ulimit -Sn; ulimit -Hn; ulimit -Sc; ionice");
  spec.set_umask(027);
  spec.set_nice(7);
  spec.mutable_io_priority()->set_scheduling_class(
      tutti::v1::IoPriority::SCHEDULING_CLASS_BEST_EFFORT);
  spec.mutable_io_priority()->set_level(6);
  tutti::v1::ResourceLimit& files = *spec.add_resource_limits();
  files.set_resource("nofile");
  files.set_soft(60);
  files.set_hard(70);
  tutti::v1::ResourceLimit& core = *spec.add_resource_limits();
  core.set_resource("core");
  core.set_soft(0);
  core.set_hard(0);
  EXPECT_EQ(OutputOf(spec), "0027\n7\n60\n70\n0\nbest-effort: prio 6\n");
}

// If this fails, a job changes how the next ones run.
TEST_P(RunnerExecutionTest, TheNextProcessIsAsUsual) {
  const std::string before = OutputOf(Shell("umask; nice; ulimit -Sn"));
  tutti::v1::JobSpec spec = Shell("true");
  spec.set_umask(077);
  spec.set_nice(19);
  OutputOf(spec);
  EXPECT_EQ(OutputOf(Shell("umask; nice; ulimit -Sn")), before);
}

TEST_P(RunnerExecutionTest, ALimitThatCanNotBeSetIsNamed) {
  tutti::v1::JobSpec spec = Shell("true");
  tutti::v1::ResourceLimit& files = *spec.add_resource_limits();
  files.set_resource("nofile");  // The kernel has an upper limit for it.
  const v1::AttemptState state = runner_.Run(spec);
  EXPECT_EQ(state.status().state(), tutti::v1::TASK_STATE_NOT_STARTED);
  EXPECT_EQ(state.status().outcome().start_errno(), EPERM);
  EXPECT_THAT(state.status().outcome().reason(),
              HasSubstr("set the limit nofile"));
}

TEST_P(RunnerExecutionTest, ALoginShellHasReadItsStartFiles) {
  tutti::v1::JobSpec spec = Shell("echo \"$FROM_PROFILE $HOME $1\" \"$@\"");
  spec.mutable_command()->add_arguments("zero");
  spec.mutable_command()->add_arguments("a  b");
  tutti::v1::EnvironmentVariable& home = *spec.add_environment();
  home.set_name("HOME");
  home.set_value(runner_.directory().path());
  ASSERT_TRUE(WriteFileAtomically(runner_.directory().File(".profile"),
                                  "export FROM_PROFILE=yes\n", 0644)
                  .ok());
  EXPECT_THAT(OutputOf(spec), StartsWith(" "));
  spec.set_attempt(2);
  spec.set_login(true);
  EXPECT_EQ(OutputOf(spec),
            "yes " + runner_.directory().path() + " a  b a  b\n");
}

TEST_P(RunnerExecutionTest, SideStreamsAreStreamsOfTheirOwn) {
  tutti::v1::JobSpec spec = Script(
      "#!/bin/sh\necho out; echo '{\"progress\": 0.5}' >&3\n"
      "echo '{\"a\": 1}' >&4; echo err >&2\n");
  spec.set_side_streams(true);
  const v1::AttemptState state = runner_.Run(spec);
  EXPECT_EQ(runner_.Output(state.key(), kOut), "out\n");
  EXPECT_EQ(runner_.Output(state.key(), kErr), "err\n");
  EXPECT_EQ(runner_.Output(state.key(), kMessage), "{\"progress\": 0.5}\n");
  EXPECT_EQ(runner_.Output(state.key(), kResult), "{\"a\": 1}\n");
}

// What a process is given beyond what it asked for may belong to another one.
TEST_P(RunnerExecutionTest, OthersHaveNoSideStreams) {
  const std::string list =
      "import os\nprint([fd for fd in range(1000) if "
      "os.path.exists(f'/proc/self/fd/{fd}')])\n";
  EXPECT_EQ(OutputOf(TestRunner::Spec({"/usr/bin/python3", "-c", list})),
            "[0, 1, 2]\n");
  tutti::v1::JobSpec spec = TestRunner::Spec({"/usr/bin/python3", "-c", list});
  spec.set_side_streams(true);
  EXPECT_EQ(OutputOf(spec), "[0, 1, 2, 3, 4]\n");
}

TEST_P(RunnerExecutionTest, WhatIsLeftInSideStreamsAtTheEndIsKept) {
  tutti::v1::JobSpec spec = Shell(
      "i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo m$i >&3; done; "
      "echo '[1,2]' >&4");
  spec.set_side_streams(true);
  const v1::AttemptState state = runner_.Run(spec);
  EXPECT_THAT(runner_.Output(state.key(), kMessage),
              AllOf(StartsWith("m1\nm2\n"), HasSubstr("m2999\nm3000\n")));
  EXPECT_EQ(runner_.Output(state.key(), kResult), "[1,2]\n");
}

TEST_P(RunnerExecutionTest, AScriptRunsThroughItsFirstLine) {
  const std::vector<std::string> arguments = {"-n", "", "a b", "\xff"};
  for (const std::string text :
       {"#!/bin/sh\nprintf '%s\\n' \"$@\"\n",
        "#! /bin/bash -e\nprintf '%s\\n' \"$@\"\n",
        "#!/usr/bin/env -S bash -e\nprintf '%s\\n' \"$@\"",
        "#!/usr/bin/perl -w\nprint \"$_\\n\" for @ARGV;\n",
        "#!/usr/bin/python3\nimport os, sys\nfor a in sys.argv[1:]:\n"
        "  os.write(1, os.fsencode(a) + b'\\n')\n"}) {
    EXPECT_EQ(OutputOf(Script(text, arguments)), "-n\n\na b\n\xff\n") << text;
  }
}

TEST_P(RunnerExecutionTest, AScriptKnowsItsName) {
  EXPECT_EQ(OutputOf(Script("#!/bin/sh\necho $0 $TUTTI_SCRIPT\n")),
            "/proc/self/fd/9 deploy\n");
}

TEST_P(RunnerExecutionTest, AScriptMayBeLong) {
  std::string text = "#!/bin/sh\n";
  for (int i = 0; i < 100'000; ++i) text += "true # padding\n";
  EXPECT_EQ(OutputOf(Script(text + "echo end\n")), "end\n");
}

// If this fails, whoever may look into a folder reads what a script contains,
// or changes it while it runs.
TEST_P(RunnerExecutionTest, NobodyElseCanReadOrChangeAScript) {
  const std::string output = OutputOf(
      Script("#!/bin/sh\nreadlink /proc/self/fd/9\n"
             "stat -L -c '%a %u' /proc/self/fd/9\nid -u\n"
             "(echo bad >> /proc/self/fd/9) 2>/dev/null || echo sealed\n"));
  const std::string user = std::to_string(geteuid()) + "\n";
  EXPECT_EQ(output, "/memfd:deploy (deleted)\n500 " + user + user + "sealed\n");
}

TEST_P(RunnerExecutionTest, AScriptRunsAsItsUser) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  tutti::v1::JobSpec spec =
      Script("#!/bin/sh\nid -un; stat -L -c %U /proc/self/fd/9\n");
  spec.set_user("nobody");
  EXPECT_EQ(OutputOf(spec), "nobody\nnobody\n");
  spec.set_attempt(2);
  spec.set_login(true);
  EXPECT_EQ(OutputOf(spec), "nobody\nnobody\n");
}

TEST_P(RunnerExecutionTest, AMissingInterpreterIsNamed) {
  const v1::AttemptState state =
      runner_.Run(Script("#!/opt/none/interpreter -x\necho no\n"));
  EXPECT_EQ(state.status().state(), tutti::v1::TASK_STATE_NOT_STARTED);
  EXPECT_EQ(state.status().outcome().start_errno(), ENOENT);
  EXPECT_THAT(state.status().outcome().reason(),
              AllOf(HasSubstr("deploy"), HasSubstr("/opt/none/interpreter")));
}

// The descriptor of a script is there for a script alone.
TEST_P(RunnerExecutionTest, AProcessHasNoDescriptorThatItDoesNotNeed) {
  EXPECT_EQ(OutputOf(Shell("ls /proc/self/fd | wc -l")), "4\n");
}

// Limits of all processes together need a controller of cgroup v2, which this
// host may have or not; where it has not, the job says so.
TEST_P(RunnerExecutionTest, LimitsOfTheTaskAreKeptOrRefused) {
  tutti::v1::JobSpec spec = Shell("cat /proc/self/cgroup");
  spec.mutable_cgroup_limits()->set_processes(50);
  v1::AttemptState state = runner_.Run(spec);
  const bool kept = state.status().state() == tutti::v1::TASK_STATE_COMPLETED;
  if (!kept) {
    EXPECT_EQ(state.status().state(), tutti::v1::TASK_STATE_REFUSED);
    EXPECT_THAT(state.status().outcome().reason(),
                AllOf(HasSubstr("process limits"), HasSubstr("'pids'"),
                      HasSubstr("--limit-best-effort")));
  }
  spec.set_attempt(2);
  spec.mutable_cgroup_limits()->set_best_effort(true);
  state = runner_.Run(spec);
  EXPECT_EQ(state.status().state(), tutti::v1::TASK_STATE_COMPLETED);
  const std::string events = runner_.Output(state.key(), kEvent);
  if (kept) {
    EXPECT_EQ(events, "");
  } else {
    EXPECT_THAT(events, HasSubstr("without its process limit"));
  }
}

}  // namespace
}  // namespace tutti::runner
