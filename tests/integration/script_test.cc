// Scripts, and how the processes of a job are set up, through all programs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/base/files.h"
#include "tests/integration/fleet_test.h"

namespace tutti::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class ScriptTest : public FleetTest {
 protected:
  // Not executable: its text is what counts.
  static std::string Written(const std::string& name, const std::string& text) {
    const std::string path = fleet().File(name);
    EXPECT_TRUE(WriteFileAtomically(path, text, 0600).ok());
    return path;
  }
};

TEST_F(ScriptTest, RunsOnEveryTargetWithTheArgumentsBehindIt) {
  const std::string file = Written(
      "deploy.sh",
      "#!/bin/sh\nfor a in \"$TUTTI_TARGET\" \"$@\"; do echo \"<$a>\"; done\n");
  const Finished run = fleet().Run({"script", "-t", "all", "--env", "A=b", file,
                                    "-t", "--", "", "a b", "--dry-run"});
  EXPECT_EQ(run.status, 0) << run.error;
  for (const std::string target : {"web1", "web2", "web3"}) {
    for (const std::string word :
         {target.c_str(), "-t", "--", "", "a b", "--dry-run"}) {
      EXPECT_THAT(run.output, HasSubstr(target + ": <" + word + ">\n"));
    }
  }
  EXPECT_THAT(run.error, HasSubstr("deploy.sh -t -- '' 'a b' --dry-run"));
  EXPECT_THAT(fleet().Run({"job", "list", "-o", "json"}).output,
              AllOf(HasSubstr("\"kind\": \"script\""),
                    HasSubstr("deploy.sh -t -- '' 'a b' --dry-run")));
}

TEST_F(ScriptTest, StandardInputIsAScriptToo) {
  const Finished run = fleet().Run({"script", "-t", "web1", "-N", "-", "x"},
                                   "#!/usr/bin/python3\nimport sys\n"
                                   "print('python', sys.argv[1])\n");
  EXPECT_EQ(run.status, 0) << run.error;
  EXPECT_EQ(run.output, "python x\n");
}

// If this fails, a script with a password in it lies about on its targets.
TEST_F(ScriptTest, ItsTextIsInNoFileOfItsTarget) {
  const std::string file =
      Written("marked.sh",
              "#!/bin/sh\n# marker-4711\nid=marker\n"
              "grep -rl \"$id-4711\" \"$1\" || echo nowhere\n");
  const Finished run = fleet().Run(
      {"script", "-t", "web1", "-N", file, fleet().AgentDirectory("web1")});
  EXPECT_EQ(run.output, "nowhere\n") << run.error;
}

TEST_F(ScriptTest, ADryRunShowsItAndStartsNothing) {
  const std::string witness = fleet().File("script-ran");
  const std::string file =
      Written("touch.sh", "#!/bin/sh -e\ntouch " + witness + "\n");
  const Finished run =
      fleet().Run({"script", "-n", "-t", "web1", "--umask", "027", file, "a"});
  EXPECT_EQ(run.status, 0) << run.error;
  EXPECT_THAT(run.output, AllOf(HasSubstr("touch.sh"),
                                HasSubstr("#!/bin/sh -e"), HasSubstr("027")));
  EXPECT_FALSE(ReadFile(witness).ok());
}

TEST_F(ScriptTest, WhatCanNotRunIsRefusedHereOrNotStartedThere) {
  const Finished none =
      fleet().Run({"script", "-t", "web1", Written("no-line", "echo hi\n")});
  EXPECT_EQ(none.status, 2);
  EXPECT_THAT(none.error, HasSubstr("#!/bin/sh"));
  EXPECT_EQ(fleet().Run({"script", "-t", "web1"}).status, 2);
  EXPECT_EQ(
      fleet().Run({"script", "-t", "web1", fleet().File("missing")}).status, 2);
  const Finished missing = fleet().Run(
      {"script", "-t", "web1", Written("odd.sh", "#!/opt/none/sh\n")});
  EXPECT_EQ(missing.status, 4);
  EXPECT_THAT(missing.error,
              AllOf(HasSubstr("odd.sh"), HasSubstr("/opt/none/sh")));
}

TEST_F(ScriptTest, ALargeOneArrivesWholeAndATooLargeOneIsRefused) {
  const std::string padding(3 << 20, '#');
  const Finished run = fleet().Run(
      {"script", "-t", "all", "-b",
       Written("large.sh", "#!/bin/sh\n" + padding + "\necho end\n")});
  EXPECT_EQ(run.status, 0) << run.error;
  EXPECT_THAT(run.output, HasSubstr("end\n"));
  const Finished refused =
      fleet().Run({"script", "-t", "web1",
                   Written("huge.sh", "#!/bin/sh\n" + padding + padding)});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.error, HasSubstr("4.0 MiB"));
}

TEST_F(ScriptTest, OptionsSetTheProcessUp) {
  const std::string variables =
      Written("site.env", "# site\nA=file\n\nB=of file\n");
  const Finished run = fleet().Run(
      {"run", "-t", "web1", "-N", "--umask", "027", "--nice", "5", "--rlimit",
       "nofile=60:70", "--env-file", variables, "--env", "A=line", "--cwd",
       "/usr", "-c", "umask; nice; ulimit -Sn; ulimit -Hn; echo $A $B; pwd"});
  EXPECT_EQ(run.status, 0) << run.error;
  EXPECT_EQ(run.output, "0027\n5\n60\n70\nline of file\n/usr\n");
}

TEST_F(ScriptTest, OptionsThatAreWrongStartNothing) {
  const std::string bad = Written("bad.env", "A=1\nB\n");
  for (const std::vector<std::string>& options :
       {std::vector<std::string>{"--env-file", bad},
        {"--umask", "9"},
        {"--nice", "99"},
        {"--ionice", "fast"},
        {"--rlimit", "files=1"},
        {"--memory", "some"},
        {"--cpus", "-1"},
        {"--max-processes", "0"},
        {"--limit-best-effort"},
        {"--sudo", "-u", "root"}}) {
    std::vector<std::string> line = {"run", "-t", "web1"};
    line.insert(line.end(), options.begin(), options.end());
    line.insert(line.end(), {"--", "true"});
    const Finished run = fleet().Run(line);
    EXPECT_EQ(run.status, 2) << options[0];
    EXPECT_THAT(run.error, StartsWith("tutti: ")) << options[0];
  }
  EXPECT_THAT(
      fleet().Run({"run", "-t", "web1", "--env-file", bad, "--", "true"}).error,
      HasSubstr("bad.env:2: "));
}

// The hosts of tests need not have the controllers of cgroup v2: then a job
// must not run as if it were limited.
TEST_F(ScriptTest, LimitsOfATaskAreKeptOrRefusedWithTheReason) {
  const Finished strict = fleet().Run(
      {"run", "-t", "web1", "--max-processes", "40", "--", "echo", "ran"});
  if (strict.status != 0) {
    EXPECT_EQ(strict.status, 4) << strict.error;
    EXPECT_THAT(strict.output, Not(HasSubstr("ran")));
    EXPECT_THAT(strict.error, AllOf(HasSubstr("the cgroup controller 'pids'"),
                                    HasSubstr("--limit-best-effort")));
  }
  const Finished relaxed =
      fleet().Run({"run", "-t", "web1", "--max-processes", "40",
                   "--limit-best-effort", "-o", "jsonl", "--", "echo", "ran"});
  EXPECT_EQ(relaxed.status, 0) << relaxed.error;
  EXPECT_THAT(relaxed.output, HasSubstr("ran"));
  if (strict.status != 0) {
    EXPECT_THAT(relaxed.output, HasSubstr("without its process limit"));
  }
}

TEST_F(ScriptTest, AFinishedTaskSaysWhatItUsed) {
  const Finished run = fleet().Run(
      {"run", "-t", "web1", "--name", "used", "-c", "echo four; sleep 0.02"});
  EXPECT_EQ(run.status, 0) << run.error;
  const Finished wide = fleet().Run({"job", "show", "used", "-o", "wide"});
  EXPECT_THAT(wide.output,
              AllOf(HasSubstr("USER"), HasSubstr("PEAK"), HasSubstr("5 B")));
  const Finished json = fleet().Run({"job", "show", "used", "-o", "json"});
  EXPECT_THAT(json.output, AllOf(HasSubstr("\"wall_seconds\": "),
                                 HasSubstr("\"user_seconds\": "),
                                 HasSubstr("\"system_seconds\": "),
                                 HasSubstr("\"peak_resident_bytes\": "),
                                 HasSubstr("\"stdout_bytes\": 5")));
}

}  // namespace
}  // namespace tutti::testing
