#include "common/jobs/work_summary.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace tutti {
namespace {

std::string Summarize(const std::vector<std::string>& arguments) {
  v1::JobSpec spec;
  for (const std::string& argument : arguments) {
    spec.mutable_command()->add_arguments(argument);
  }
  return WorkSummary(spec);
}

TEST(WorkSummaryTest, QuotesWhatAShellWouldChange) {
  EXPECT_EQ(Summarize({"uptime"}), "uptime");
  EXPECT_EQ(Summarize({"/bin/sh", "-c", "a | b > c"}),
            "/bin/sh -c 'a | b > c'");
}

TEST(WorkSummaryTest, LongCommandsAreCut) {
  EXPECT_LT(Summarize({"echo", std::string(100'000, 'x')}).size(), 1100u);
  EXPECT_LT(Summarize(std::vector<std::string>(10'000, "word")).size(), 1100u);
  EXPECT_TRUE(Summarize({"echo", std::string(2000, 'x')}).ends_with("x…"));
}

TEST(WorkSummaryTest, AScriptIsItsNameAndArguments) {
  v1::JobSpec spec;
  spec.mutable_script()->set_name("my deploy.sh");
  spec.mutable_script()->set_text("#!/bin/sh\necho no\n");
  spec.mutable_script()->add_arguments("v1.2");
  EXPECT_EQ(WorkSummary(spec), "'my deploy.sh' v1.2");
  EXPECT_EQ(KindName(spec), "script");
  spec.mutable_command();
  EXPECT_EQ(KindName(spec), "command");
}

TEST(WorkSummaryTest, AQueryIsItsTextOnOneLine) {
  v1::JobSpec spec;
  spec.mutable_query()->set_sql("SELECT a,\n\t  b\nFROM c ");
  EXPECT_EQ(WorkSummary(spec), "SELECT a, b FROM c");
  EXPECT_EQ(KindName(spec), "query");
  spec.mutable_query()->set_sql(std::string(100'000, 'x'));
  EXPECT_LT(WorkSummary(spec).size(), 1100u);
}

TEST(WorkSummaryTest, AnAddInIsItsNameAndParameters) {
  v1::JobSpec spec;
  spec.mutable_add_in()->set_name("apt-upgrade");
  EXPECT_EQ(WorkSummary(spec), "apt-upgrade");
  spec.mutable_add_in()->set_parameters(
      R"({"upgrade": "full", "packages": ["a", "b c"], "dry-run": true})");
  EXPECT_EQ(WorkSummary(spec),
            "apt-upgrade upgrade=full 'packages=[\"a\",\"b c\"]' dry-run=true");
  EXPECT_EQ(KindName(spec), "apt-upgrade");
  spec.mutable_add_in()->set_parameters(std::string(100'000, '['));
  EXPECT_EQ(WorkSummary(spec), "apt-upgrade");
}

}  // namespace
}  // namespace tutti
