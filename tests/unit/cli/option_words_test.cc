#include "controller/cli/app/option_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

#include "controller/cli/app/arguments.h"
#include "controller/cli/app/tree.h"
#include "tests/support/fake_clock.h"

namespace tutti::cli {
namespace {

using ::testing::ElementsAre;
using Words = std::vector<std::string>;

// The words of the script itself; empty when no file was found.
Words ScriptIn(const Words& argv) {
  ::tutti::testing::FakeClock clock;
  Context context{.clock = clock};
  CLI::App root;
  BuildTree(root, context);
  const std::optional<size_t> file = FindScriptFile(root, argv);
  if (!file) return {};
  const Arguments arguments = SplitArguments(argv, file);
  return arguments.tail.value_or(Words());
}

// If this fails, an option of the CLI is taken for the script, or one of the
// script's for the CLI's.
TEST(FindScriptFileTest, TheFirstWordThatIsNoOptionAndNoValue) {
  for (const Words& options :
       {Words{"-t", "web1"}, Words{"-tweb1"}, Words{"--target=web1"},
        Words{"--target", "web1"}, Words{"-n", "-t", "web1"},
        Words{"-nt", "web1"}, Words{"-nf10"}, Words{"--sudo"}, Words{}}) {
    Words argv = {"--fleet", "prod", "script"};
    argv.insert(argv.end(), options.begin(), options.end());
    argv.insert(argv.end(), {"./f", "-t", "--", "x", "--name="});
    EXPECT_THAT(ScriptIn(argv), ElementsAre("./f", "-t", "--", "x", "--name="));
  }
}

TEST(FindScriptFileTest, StandardInputIsAFile) {
  EXPECT_THAT(ScriptIn({"script", "-t", "-", "-", "-n"}),
              ElementsAre("-", "-n"));
}

TEST(FindScriptFileTest, OtherVerbsAndDashesAreCutElsewhere) {
  EXPECT_THAT(ScriptIn({"run", "-t", "web1", "script"}), ElementsAre());
  EXPECT_THAT(ScriptIn({"script", "-t", "web1"}), ElementsAre());
  EXPECT_THAT(ScriptIn({"script", "-t", "web1", "--", "./f"}), ElementsAre());
  EXPECT_EQ(SplitArguments({"script", "-t", "web1", "--", "./f"}).tail,
            Words{"./f"});
}

}  // namespace
}  // namespace tutti::cli
