// The program around the verbs: wrong lines, help, completion. No controller
// is needed for any of it.

#include "controller/cli/app/app.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>

#include "common/base/file_descriptor.h"
#include "common/base/files.h"
#include "controller/cli/app/completion.h"
#include "controller/cli/app/help.h"
#include "controller/cli/app/tree.h"
#include "tests/support/fake_clock.h"
#include "tests/support/process.h"
#include "tests/support/temporary_directory.h"

namespace tutti::cli {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

struct Outcome {
  int status = -1;
  std::string output;
  std::string error;
};

class AppTest : public ::testing::Test {
 protected:
  Outcome Run(std::vector<std::string> argv) {
    FileDescriptor output = Open("output");
    FileDescriptor error = Open("error");
    Context context{.clock = clock_};
    context.terminal =
        Terminal({.input = -1, .output = output.get(), .error = error.get()});
    argv.insert(argv.begin(), {"--config", directory_.File("none.yaml")});
    const int status = RunProgram(argv, context);
    return {status, *ReadFile(directory_.File("output")),
            *ReadFile(directory_.File("error"))};
  }

  FileDescriptor Open(std::string_view name) {
    return FileDescriptor(open(directory_.File(name).c_str(),
                               O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600));
  }

  ::tutti::testing::TemporaryDirectory directory_;
  ::tutti::testing::FakeClock clock_;
};

// The words of a line as a shell reads them, without "tutti".
std::vector<std::string> Typed(const std::string& line) {
  const ::tutti::testing::Finished bash = ::tutti::testing::RunToEnd(
      {.arguments = {"/bin/bash", "-c",
                     "tutti() { printf '%s\\n' \"$@\"; }\n" + line},
       .environment = {},
       .standard_input = "",
       .output_path = ""});
  std::vector<std::string> words;
  std::istringstream stream(bash.output);
  for (std::string word; std::getline(stream, word);) words.push_back(word);
  return words;
}

struct NearMiss {
  std::vector<std::string> argv;
  // What the one line must end with: the corrected command.
  std::string corrected;
};

// If this fails, a slip of the fingers costs a look into the manual.
TEST_F(AppTest, NearMissesShowTheCorrectedCommand) {
  const std::string script = directory_.File("check.sh");
  ASSERT_TRUE(WriteFileAtomically(script, "#!/bin/sh\n", 0600).ok());
  const NearMiss misses[] = {
      {{"rnu", "-t", "web1", "--", "true"}, "tutti run -t web1 -- true"},
      {{"job", "lst"}, "tutti job list"},
      {{"job", "17"}, "tutti job show 17"},
      {{"agent", "web01"}, "tutti agent show web01"},
      {{"stop", "17"}, "tutti job stop 17"},
      {{"web*", "uptime"}, "tutti run -t 'web*' -- uptime"},
      {{"all", "cmd.run", "df -h"}, "tutti run -t all -c 'df -h'"},
      {{"-w", "web[1-3]", "-l", "root", "id", "-u"},
       "tutti run -t 'web[1-3]' -u root -- id -u"},
      {{"run", "-w", "web1", "--", "id"}, "tutti run -t web1 -- id"},
      {{"run", "-t", "web1", "uptime"}, "tutti run -t web1 -- uptime"},
      {{"run", "-w", "web1", "uptime"}, "tutti run -t web1 -- uptime"},
      {{"-w", "web1", "ls", "-l", "/"}, "tutti run -t web1 -- ls -l /"},
      {{"run", "web1", "--", "uptime"}, "tutti run -t web1 -- uptime"},
      {{"run", "-t", "web1", "web2", "--", "id"},
       "tutti run -t web1 -t web2 -- id"},
      {{"run", "-t", "web1", "uptime", "-a"}, "tutti run -t web1 -- uptime -a"},
      {{"run", "-f10", "uptime", "-a", "-t", "web1"},
       "tutti run -f10 -t web1 -- uptime -a"},
      {{"run", "web1", "uptime"}, "tutti run -t web1 -- uptime"},
      {{"run", "uptime"}, "tutti run -t TARGETS -- uptime"},
      {{"run", "-t", "all", "--fanuot", "3", "--", "true"},
       "tutti run -t all --fanout 3 -- true"},
      {{"script", "-w", "all", script, "-x"},
       "tutti script -t all -- " + script + " -x"},
      {{"script", "--umaks", "027", "-t", "all", script},
       "tutti script --umask 027 -t all -- " + script},
      {{"job", "show", "--ouput=json", "3"}, "tutti job show --output=json 3"},
  };
  for (const NearMiss& miss : misses) {
    const Outcome outcome = Run(miss.argv);
    EXPECT_EQ(outcome.status, 2) << outcome.error;
    EXPECT_EQ(outcome.output, "");
    EXPECT_THAT(outcome.error, StartsWith("tutti: "));
    // The configuration option is part of what was typed.
    std::string line = outcome.error;
    const std::string given = " --config " + directory_.File("none.yaml");
    if (const size_t at = line.find(given); at != std::string::npos) {
      line.erase(at, given.size());
    }
    EXPECT_THAT(line, EndsWith(miss.corrected + "\n"));
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << line;
    // It gets as far as the configuration.
    EXPECT_THAT(Run(Typed(miss.corrected)).error,
                HasSubstr("no configuration at"))
        << miss.corrected;
  }
}

// If this fails, a verb that is no more, or not yet, is taken for a target.
TEST_F(AppTest, UnknownVerbsAreNoTargets) {
  const std::vector<std::vector<std::string>> lines = {
      {"schedule", "list"},
      {"playbook", "a", "b"},
      {"cmd.run", "web01", "uptime"},
      {"frobnicate", "--", "x"},
      {"./x.sh"}};
  for (const std::vector<std::string>& line : lines) {
    EXPECT_THAT(
        Run(line).error,
        StartsWith("tutti: unknown verb '" + line[0] +
                   "'; use one of run, script, copy, fetch, query, shell, job, "
                   "agent, target, group, kind, token"));
  }
}

TEST_F(AppTest, WrongUsageIsNamed) {
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{"frobnicate"}, "'frobnicate'"},
      {{"job", "show"}, "JOB is missing"},
      {{"job", "show", "1", "2"}, "unexpected '2'"},
      {{"job", "list", "--", "x"}, "behind --"},
      {{"job", "list", "--first", "few"}, "'few'"},
      {{"job", "list", "--first", "0"}, "--first"},
      {{"job", "list", "--name"}, "--name needs exactly one value"},
      {{"job", "list", "-o", "yaml"}, "table, wide, json"},
      {{"job", "list", "-Z"}, "unknown option -Z"},
      {{"job", "list", "--color", "blue"}, "auto, always or never"},
      {{"job", "wait", "1", "--timeout", "soon"}, "soon"},
      {{"token", "create", "--label", "x"}, "--label: 'x' is not NAME=VALUE"},
      {{"completion", "tcsh"}, "bash, zsh or fish"},
      {{"--", "uptime"}, "tutti run -t TARGETS -- uptime"},
  };
  for (const auto& [argv, part] : cases) {
    const Outcome outcome = Run(argv);
    EXPECT_EQ(outcome.status, 2) << part;
    EXPECT_THAT(outcome.error, AllOf(StartsWith("tutti: "), HasSubstr(part)));
    EXPECT_EQ(std::count(outcome.error.begin(), outcome.error.end(), '\n'), 1)
        << outcome.error;
  }
}

// If this fails, `token create --name "$UNSET"` makes a token for any name.
// Every option, so that a new one can't be forgotten.
TEST_F(AppTest, EmptyValuesAreRefused) {
  Context context{.clock = clock_};
  CLI::App root("", "tutti");
  BuildTree(root, context);
  std::vector<const CLI::App*> apps = {&root};
  for (size_t i = 0; i < apps.size(); ++i) {
    for (const CLI::App* below : Below(*apps[i])) apps.push_back(below);
    std::vector<std::string> path;
    for (const CLI::App* app = apps[i]; app != &root; app = app->get_parent()) {
      path.insert(path.begin(), app->get_name());
    }
    for (const CLI::Option* option : NamedOptions(*apps[i])) {
      if (!TakesValue(*option)) continue;
      std::vector<std::string> argv = path;
      argv.insert(argv.end(), {option->get_name(), ""});
      const Outcome outcome = Run(argv);
      EXPECT_EQ(outcome.status, 2) << PathOf(*apps[i]);
      EXPECT_EQ(outcome.error,
                "tutti: " + option->get_name() +
                    ": the value is empty; leave the option out, or give "
                    "one\n")
          << PathOf(*apps[i]);
    }
  }
  EXPECT_THAT(Run({"job", "show", ""}).error,
              HasSubstr("JOB: the word is empty"));
}

// If this fails, protobuf complains in lines of its own.
TEST_F(AppTest, TextIsUtf8) {
  const std::string bad = "/a\xff";
  for (const char* option : {"--cwd", "--name", "--user", "--id", "-t", "-x"}) {
    const Outcome outcome =
        Run({"run", "-t", "web1", option, bad, "--", "true"});
    EXPECT_EQ(outcome.status, 2) << option;
    EXPECT_THAT(outcome.error, HasSubstr("'/a\\xff' is not UTF-8")) << option;
    EXPECT_EQ(std::count(outcome.error.begin(), outcome.error.end(), '\n'), 1);
  }
  EXPECT_THAT(Run({"agent", "show", bad}).error, HasSubstr("is not UTF-8"));
  EXPECT_THAT(Run({"token", "create", "--label", "a=" + bad}).error,
              HasSubstr("is not UTF-8"));
  // Files and what programs are given may be any bytes; these get as far as
  // the configuration.
  for (const char* option : {"--env", "--output-dir", "-c"}) {
    EXPECT_THAT(Run({"run", "-t", "web1", option, "A=" + bad,
                     option == std::string("-c") ? "-q" : "-c", "true"})
                    .error,
                Not(HasSubstr("UTF-8")))
        << option;
  }
}

// If this fails, a program that reads JSON chokes on the one line that it
// needs most.
TEST_F(AppTest, ErrorsAreJsonWhereJsonWasAskedFor) {
  for (const char* format : {"json", "jsonl"}) {
    const Outcome outcome = Run({"job", "show", "-o", format});
    EXPECT_THAT(outcome.error, StartsWith("{\"v\":1,\"error\":{"));
    EXPECT_EQ(Run({"job", "list", "-o", format, "--nmae", "x"}).error[0], '{');
    EXPECT_EQ(Run({"job", "list", "-o", format}).error[0], '{');
  }
}

// If this fails, CLI11 unfolds what somebody typed.
TEST_F(AppTest, BracketsReachAVerbAsTheyAre) {
  CLI::App app("", "test");
  std::vector<std::string> options;
  std::vector<std::string> words;
  AddRepeatable(app, "-t,--target", options, "");
  AddPositionals(app, "WORDS", words, "");
  std::vector<std::string> reversed = {"w[2,3]", "x",  "",   "--target",
                                       "[a,b]",  "-t", "w1", "-t"};
  app.parse(reversed);
  EXPECT_EQ(options, (std::vector<std::string>{"w1", "[a,b]", ""}));
  EXPECT_EQ(words, (std::vector<std::string>{"x", "w[2,3]"}));
}

TEST_F(AppTest, MissingConfigurationIsOneLine) {
  const Outcome outcome = Run({"job", "list"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.error, AllOf(StartsWith("tutti: no configuration at"),
                                   HasSubstr("tutti-controller init")));
}

TEST_F(AppTest, ProgramAloneShowsItsVerbs) {
  const Outcome outcome = Run({});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.output,
              AllOf(HasSubstr("job list"), HasSubstr("token create"),
                    HasSubstr("tutti run -t")));
  EXPECT_EQ(Run({"--help"}).output, outcome.output);
  EXPECT_EQ(Run({"--help"}).status, 0);
}

// Every verb, so that a new one can't be forgotten.
TEST_F(AppTest, HelpOfEveryVerbIsCompleteAndFits) {
  Context context{.clock = clock_};
  CLI::App root("", "tutti");
  BuildTree(root, context);
  std::vector<const CLI::App*> apps = {&root};
  for (size_t i = 0; i < apps.size(); ++i) {
    const CLI::App& app = *apps[i];
    for (const CLI::App* below : Below(app)) apps.push_back(below);
    const std::string help = FormatHelp(app, /*color=*/false);
    EXPECT_THAT(help, HasSubstr("Examples:\n  ")) << PathOf(app);
    if (Below(app).empty()) {
      EXPECT_THAT(help, HasSubstr("--config FILE"));
    }
    for (const CLI::Option* option : NamedOptions(app)) {
      EXPECT_NE(option->get_description(), "")
          << PathOf(app) << " " << option->get_name();
    }
    for (size_t at = 0; at < help.size();) {
      const size_t end = help.find('\n', at);
      EXPECT_LE(DisplayWidth(help.substr(at, end - at)), 100) << PathOf(app);
      at = end + 1;
    }
  }
}

TEST_F(AppTest, CompletionKnowsVerbsAndOptions) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const Outcome outcome = Run({"completion", shell});
    EXPECT_EQ(outcome.status, 0) << outcome.error;
    EXPECT_THAT(outcome.output, AllOf(HasSubstr("receive"), HasSubstr("fanout"),
                                      HasSubstr("tutti job list -o names")));
  }
  EXPECT_THAT(Run({"completion", "bash"}).output, Not(HasSubstr("{{")));
}

// What bash offers for a line; `COMP_WORDS` as bash would fill it.
TEST_F(AppTest, BashCompletesLines) {
  EXPECT_TRUE(WriteFileAtomically(directory_.File("completion"),
                                  Run({"completion", "bash"}).output, 0600)
                  .ok());
  const std::pair<std::string, std::string> cases[] = {
      {"j", "job"},
      {"job re", "receive retry resume rename remove"},
      {"job list --na", "--name"},
      {"job list --n -- x", ""},
      {"completion ", "bash zsh fish"},
      {"run -t a", "all"},
      {"run --name jo", ""},
      {"job show 1", "17"},
  };
  for (const auto& [line, offered] : cases) {
    const ::tutti::testing::Finished bash = ::tutti::testing::RunToEnd(
        {.arguments = {"/bin/bash", "-c",
                       "tutti() { echo 17; }\n"
                       "source \"$1\"\n"
                       "IFS=' ' read -ra words <<< \"$2\"\n"
                       "[[ $2 == *' ' ]] && words+=('')\n"
                       "COMP_WORDS=(tutti \"${words[@]}\")\n"
                       "COMP_CWORD=${#words[@]}\n"
                       "_tutti\n"
                       "echo \"${COMPREPLY[*]}\"",
                       "bash", directory_.File("completion"), line},
         .environment = {},
         .standard_input = "",
         .output_path = ""});
    EXPECT_EQ(bash.output, offered + "\n") << line;
    EXPECT_EQ(bash.error, "") << line;
  }
}

TEST_F(AppTest, VersionNeedsNoController) {
  const Outcome outcome = Run({"version"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.output, StartsWith("tutti "));
}

}  // namespace
}  // namespace tutti::cli
