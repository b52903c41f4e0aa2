// What comes back is what was written, however it is shown.

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

class OutputTest : public FleetTest {};

TEST_F(OutputTest, BytesThatAreNotTextGoThroughUnchanged) {
  std::string all_bytes;
  for (int i = 0; i < 256; ++i) all_bytes.push_back(static_cast<char>(i));
  const std::string file = fleet().File("all-bytes");
  ASSERT_TRUE(WriteFileAtomically(file, all_bytes, 0644).ok());
  const Finished run =
      fleet().Run({"run", "-t", "web1", "-N", "--", "cat", file});
  EXPECT_EQ(run.output.substr(0, 256), all_bytes);
}

TEST_F(OutputTest, BytesThatAreNotTextAreBase64InJson) {
  const Finished run = fleet().Run(
      {"run", "-t", "web1", "-o", "jsonl", "--", "printf", "\\377\\376"});
  EXPECT_EQ(run.status, 0) << run.error;
  EXPECT_THAT(run.output, AllOf(HasSubstr("\"v\":1"), HasSubstr("//4=")));
}

TEST_F(OutputTest, StandardErrorGoesToStandardError) {
  const Finished run =
      fleet().Run({"run", "-t", "web1", "-c", "echo out; echo err >&2"});
  EXPECT_THAT(run.output,
              AllOf(HasSubstr("web1: out\n"), Not(HasSubstr("err"))));
  EXPECT_THAT(run.error, HasSubstr("web1: err\n"));
}

TEST_F(OutputTest, EqualOutputIsShownOnceUnderFoldedNames) {
  const Finished run =
      fleet().Run({"run", "-t", "all", "-b", "-c",
                   "test $TUTTI_TARGET = web2 && echo odd || echo same"});
  EXPECT_THAT(run.output, AllOf(HasSubstr("web[1,3]"), HasSubstr("same\n"),
                                HasSubstr("web2"), HasSubstr("odd\n")));
  EXPECT_EQ(run.output.find("same"), run.output.rfind("same"));
}

TEST_F(OutputTest, AFileForEachTargetAndStream) {
  const std::string directory = fleet().File("out");
  const Finished run =
      fleet().Run({"run", "-t", "web[1-2]", "--output-dir", directory, "-c",
                   "echo $TUTTI_TARGET; echo e >&2"});
  EXPECT_EQ(run.status, 0) << run.error;
  EXPECT_EQ(ReadFile(directory + "/web1.stdout").value_or(""), "web1\n");
  EXPECT_EQ(ReadFile(directory + "/web2.stdout").value_or(""), "web2\n");
  EXPECT_EQ(ReadFile(directory + "/web2.stderr").value_or(""), "e\n");
}

TEST_F(OutputTest, ALastLineWithoutNewlineIsWhole) {
  const Finished run =
      fleet().Run({"run", "-t", "web[1-2]", "--", "printf", "no newline"});
  EXPECT_THAT(run.output, AllOf(HasSubstr("web1: no newline\n"),
                                HasSubstr("web2: no newline\n")));
}

// 64 MB through runner, spool, agent, controller and CLI.
TEST_F(OutputTest, ALotOfOutputArrivesWhole) {
  const std::string file = fleet().File("bulk");
  auto run = fleet().Start(
      {"run", "-t", "web1", "-N", "--", "seq", "1", "8000000"}, file);
  EXPECT_EQ(run->Wait(absl::Seconds(120)), 0) << run->error();
  const std::string expected = fleet().File("expected");
  RunToEnd({.arguments = {"/usr/bin/seq", "1", "8000000"},
            .environment = {},
            .standard_input = "",
            .output_path = expected});
  EXPECT_EQ(RunToEnd({.arguments = {"/usr/bin/cmp", file, expected},
                      .environment = {},
                      .standard_input = "",
                      .output_path = ""})
                .output,
            "");
}

TEST_F(OutputTest, LinesOfATrickleComeAtOnce) {
  const std::string gate = fleet().File("gate");
  auto run = fleet().Start({"run", "-t", "web1", "-c",
                            "echo first; while [ ! -e " + gate +
                                " ]; do sleep 0.01; done; echo second"});
  EXPECT_TRUE(run->WaitForOutput("web1: first\n")) << run->error();
  ASSERT_TRUE(WriteFileAtomically(gate, "", 0644).ok());
  EXPECT_EQ(run->Wait(), 0);
  EXPECT_THAT(run->output(), HasSubstr("web1: second\n"));
}

TEST_F(OutputTest, AReaderThatGoesAwayDetaches) {
  const Finished piped = RunToEnd(
      {.arguments = {"/bin/sh", "-c",
                     ProgramPath("tutti") +
                         " run -t web1 --name piped -c 'yes | head -c 5000000;"
                         " sleep 1000' | head -n 1"},
       .environment = {{"TUTTI_CONFIG", fleet().ConfigPath()}},
       .standard_input = "",
       .output_path = ""});
  EXPECT_EQ(piped.output, "web1: y\n");
  EXPECT_EQ(fleet().Run({"job", "stop", "piped"}).status, 0);
}

}  // namespace
}  // namespace tutti::testing
