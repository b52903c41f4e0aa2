// Bad input gets one clear line that names the thing and the remedy, the
// documented exit status, and starts nothing.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <string>
#include <vector>

#include "common/base/files.h"
#include "tests/integration/fleet_test.h"

namespace tutti::testing {
namespace {

using ::testing::HasSubstr;

struct Case {
  std::string name;
  std::vector<std::string> arguments;
  int status;
  // What the one line must hold: the thing and the remedy.
  std::vector<std::string> parts;
};

class BadInputTest : public FleetTest {
 protected:
  static std::vector<std::string> Lines(const std::string& text) {
    std::vector<std::string> lines;
    for (size_t at = 0; at < text.size();) {
      size_t end = text.find('\n', at);
      if (end == std::string::npos) end = text.size();
      lines.push_back(text.substr(at, end - at));
      at = end + 1;
    }
    return lines;
  }
};

TEST_F(BadInputTest, IsRefusedBeforeAnythingStarts) {
  const std::string witness = fleet().File("started");
  const std::vector<std::string> touch = {"--", "touch", witness};
  const std::string large = fleet().File("large");
  const std::vector<Case> cases = {
      {"unknown verb", {"rnu"}, 2, {"rnu", "run"}},
      {"unknown noun verb", {"job", "lst"}, 2, {"lst", "list"}},
      {"unknown option",
       {"run", "-t", "all", "--fanuot", "3"},
       2,
       {"--fanuot", "--fanout"}},
      {"no targets", {"run"}, 2, {"-t"}},
      {"empty targets", {"run", "-t", ""}, 2, {"empty"}},
      {"open bracket", {"run", "-t", "web[1-"}, 2, {"web[1-", "]"}},
      {"backward range", {"run", "-t", "web[9-1]"}, 2, {"web[9-1]", "[1-9]"}},
      {"unknown target", {"run", "-t", "web9"}, 2, {"web9"}},
      {"unmatched wildcard", {"run", "-t", "db*"}, 2, {"db*"}},
      {"too many names", {"run", "-t", "n[1-9999999]"}, 2, {"1000000"}},
      {"bad duration",
       {"run", "-t", "all", "--timeout", "soon"},
       2,
       {"soon", "90s"}},
      {"bad fanout", {"run", "-t", "all", "-f", "some"}, 2, {"some"}},
      {"bad expect", {"run", "-t", "all", "--expect", "few"}, 2, {"few"}},
      {"bad environment",
       {"run", "-t", "all", "--env", "NOVALUE"},
       2,
       {"NOVALUE"}},
      {"bad id", {"run", "-t", "all", "--id", "17"}, 2, {"17"}},
      {"bad offline",
       {"run", "-t", "all", "--offline", "maybe"},
       2,
       {"maybe", "wait"}},
      {"relative folder", {"run", "-t", "all", "--cwd", "here"}, 2, {"here"}},
  };
  for (const Case& bad : cases) {
    std::vector<std::string> arguments = bad.arguments;
    if (arguments[0] == "run") {
      arguments.insert(arguments.end(), touch.begin(), touch.end());
    }
    const Finished run = fleet().Run(arguments);
    EXPECT_EQ(run.status, bad.status) << bad.name << ": " << run.error;
    EXPECT_EQ(run.output, "") << bad.name;
    EXPECT_EQ(Lines(run.error).size(), 1u) << bad.name << ": " << run.error;
    for (const std::string& part : bad.parts) {
      EXPECT_THAT(run.error, HasSubstr(part)) << bad.name;
    }
    EXPECT_FALSE(ReadFile(witness).ok()) << bad.name << " started something";
  }
}

TEST_F(BadInputTest, WithoutAProgramNothingStarts) {
  const Finished none = fleet().Run({"run", "-t", "all"});
  EXPECT_EQ(none.status, 2);
  EXPECT_THAT(none.error, HasSubstr("--"));
  const Finished empty = fleet().Run({"run", "-t", "all", "--"});
  EXPECT_EQ(empty.status, 2);
  const Finished spaces = fleet().Run({"run", "-t", "all", "--", "echo hi"});
  EXPECT_EQ(spaces.status, 2);
  EXPECT_THAT(spaces.error, HasSubstr("-c"));
}

// If this fails, a script believes that its command ran.
TEST_F(BadInputTest, AnIdOfAnotherJob) {
  const std::string id = "019a0000-0000-7000-8000-0000000000bb";
  const auto run = [&](const std::string& target, const std::string& word) {
    return fleet().Run({"run", "-t", target, "--id", id, "--", "echo", word});
  };
  EXPECT_EQ(run("web1", "once").status, 0);
  EXPECT_EQ(run("web1", "once").status, 0);
  const Finished elsewhere = fleet().Run(
      {"run", "-t", "web1", "--id", id, "--cwd", "/", "--", "echo", "once"});
  for (const Finished& other :
       {run("web2", "once"), run("web1", "twice"), elsewhere}) {
    EXPECT_EQ(other.status, 2) << other.error;
    EXPECT_EQ(other.output, "");
    EXPECT_THAT(other.error, HasSubstr("make a new UUID"));
  }
}

// If this fails, one long command fills the screen of a list.
TEST_F(BadInputTest, ALongCommandIsCutInTheTableAlone) {
  const std::string word(300, 'x');
  ASSERT_EQ(fleet().Run({"run", "-t", "web1", "--", "echo", word}).status, 0);
  for (const std::string& line : Lines(fleet().Run({"job", "list"}).output)) {
    EXPECT_LE(line.size(), 80 + std::string("…").size()) << line;
  }
  EXPECT_THAT(fleet().Run({"job", "list", "-o", "json"}).output,
              HasSubstr(word));
}

TEST_F(BadInputTest, ProgramUserAndFolderOfATarget) {
  const Finished missing =
      fleet().Run({"run", "-t", "web1", "--", "no-such-program"});
  EXPECT_EQ(missing.status, 4);
  EXPECT_THAT(missing.error, HasSubstr("no-such-program"));
  const Finished not_executable =
      fleet().Run({"run", "-t", "web1", "--", "/etc/passwd"});
  EXPECT_EQ(not_executable.status, 4);
  EXPECT_THAT(not_executable.error, HasSubstr("ermission"));
  const Finished user =
      fleet().Run({"run", "-t", "web1", "-u", "nosuchuser", "--", "true"});
  EXPECT_EQ(user.status, 4);
  EXPECT_THAT(user.error, HasSubstr("nosuchuser"));
  const Finished folder =
      fleet().Run({"run", "-t", "web1", "--cwd", "/no/such", "--", "true"});
  EXPECT_EQ(folder.status, 4);
  EXPECT_THAT(folder.error, HasSubstr("/no/such"));
}

TEST_F(BadInputTest, SpecLargerThanFourMebibytes) {
  // Linux limits one argument to 128 KiB and all of them to a quarter of the
  // stack's limit (execve(2)).
  rlimit stack = {};
  ASSERT_EQ(getrlimit(RLIMIT_STACK, &stack), 0);
  const rlimit former = stack;
  stack.rlim_cur = 64 << 20;
  ASSERT_EQ(setrlimit(RLIMIT_STACK, &stack), 0);
  std::vector<std::string> arguments = {"run", "-t", "web1", "--", "true"};
  for (int i = 0; i < 36; ++i) {
    arguments.push_back(std::string(120'000, 'x'));
  }
  const Finished run = fleet().Run(arguments);
  setrlimit(RLIMIT_STACK, &former);
  EXPECT_EQ(run.status, 2) << run.error.substr(0, 1000);
  EXPECT_THAT(run.error.substr(0, 1000), HasSubstr("4.0 MiB"));
}

TEST_F(BadInputTest, NulByteInATargetFile) {
  const Finished run = fleet().Run({"run", "-T", "-", "--", "true"},
                                   std::string("web1\0web2\n", 10));
  EXPECT_EQ(run.status, 2) << run.error;
}

TEST_F(BadInputTest, ConfigurationIsCheckedWithLineAndKey) {
  const std::string config = fleet().File("bad.yaml");
  ASSERT_TRUE(WriteFileAtomically(
                  config, "listen: ['127.0.0.1:0']\nlisten_prot: 1\n", 0644)
                  .ok());
  const Finished run =
      RunToEnd({.arguments = {ProgramPath("tutti-controller"), "run",
                              "--config", config, "--check-config"},
                .environment = {},
                .standard_input = "",
                .output_path = ""});
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(run.error, HasSubstr("bad.yaml:2"));
  EXPECT_THAT(run.error, HasSubstr("listen_prot"));
}

}  // namespace
}  // namespace tutti::testing
