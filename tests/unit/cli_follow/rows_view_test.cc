#include "controller/cli/follow/rows_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/support/status_matchers.h"
#include "tests/unit/cli_follow/job_messages.h"

namespace tutti::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using tutti::testing::StatusIs;

constexpr char kHeader[] =
    "{\"columns\":[\"name\",\"size\"],\"types\":[\"TEXT\",\"BIGINT\"]}\n";

TEST(RowsViewTest, ATableHasTheTargetAsItsFirstColumn) {
  ViewedJob<RowsView> job("web[1-2]", 2, RowsViewOptions{});
  // In pieces, and in an order of their own.
  job.Say(1, std::string(kHeader) + "[\"ba");
  job.Say(0, kHeader);
  job.Say(0, "[\"a\",1]\n[null,null]\n");
  job.Say(1, "sh\",12345]\n");
  EXPECT_EQ(job.output, "");
  TUTTI_EXPECT_OK(job.view().Finish(0));
  EXPECT_EQ(job.output,
            "TARGET  NAME   SIZE\n"
            "web1    a         1\n"
            "web1    -         -\n"
            "web2    bash  12345\n");
}

TEST(RowsViewTest, ProgramsGetTypes) {
  RowsViewOptions options;
  options.format = OutputFormat::kJson;
  ViewedJob<RowsView> json("web1", 1, options);
  json.Say(0,
           std::string(kHeader) + "[\"a\",1]\n[{\"base64\":\"/w==\"},0.5]\n");
  TUTTI_EXPECT_OK(json.view().Finish(0));
  EXPECT_THAT(json.output,
              AllOf(HasSubstr("\"name\": \"a\""), HasSubstr("\"size\": 1"),
                    HasSubstr("\"base64\": \"/w==\""),
                    HasSubstr("\"target\": \"web1\"")));
  options.format = OutputFormat::kCsv;
  ViewedJob<RowsView> csv("web1", 1, options);
  csv.Say(0, std::string(kHeader) + "[\"a,b\",1]\n");
  TUTTI_EXPECT_OK(csv.view().Finish(0));
  EXPECT_EQ(csv.output, "target,name,size\r\nweb1,\"a,b\",1\r\n");
}

TEST(RowsViewTest, LinesOfJsonComeAtOnce) {
  RowsViewOptions options;
  options.format = OutputFormat::kJsonl;
  ViewedJob<RowsView> job("web[1-2]", 2, options);
  job.Say(1, std::string(kHeader) + "[\"a\",1]\n");
  EXPECT_EQ(job.output,
            "{\"v\":1,\"target\":\"web2\",\"row\":{\"name\":\"a\",\"size\":1}}"
            "\n");
  TUTTI_EXPECT_OK(job.view().Finish(0));
}

TEST(RowsViewTest, EqualAnswersAreShownOnce) {
  RowsViewOptions options;
  options.gather = true;
  ViewedJob<RowsView> job("web[1-4]", 4, options);
  for (const uint32_t task : {0, 1, 2}) {
    job.Say(task, kHeader);
    job.Say(task, task == 1 ? "[\"b\",2]\n" : "[\"a\",1]\n");
  }
  job.Say(3, kHeader);
  TUTTI_EXPECT_OK(job.view().Finish(0));
  EXPECT_EQ(
      job.output,
      "----------------\nweb[1,3]\n----------------\nNAME  SIZE\na        "
      "1\n----------------\nweb2\n----------------\nNAME  SIZE\nb        "
      "2\n----------------\nweb4\n----------------\nno rows\n");
}

TEST(RowsViewTest, ASecondQueryRunsOverAllRows) {
  RowsViewOptions options;
  options.merge =
      "SELECT name, count(*) AS hosts, sum(size) FROM rows GROUP BY 1";
  ViewedJob<RowsView> job("web[1-2]", 2, options);
  job.Say(0, std::string(kHeader) + "[\"a\",1]\n[\"b\",2]\n");
  job.Say(1, std::string(kHeader) + "[\"a\",3]\n");
  TUTTI_EXPECT_OK(job.view().Finish(0));
  EXPECT_EQ(job.output,
            "NAME  HOSTS  SUM(SIZE)\na     2      4\nb     1      2\n");

  options.merge = "SELECT nam FROM rows";
  ViewedJob<RowsView> wrong("web1", 1, options);
  wrong.Say(0, kHeader);
  EXPECT_THAT(wrong.view().Finish(0),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("--merge: there is no column 'nam'")));
}

// A target may be of another version, or not what it seems.
TEST(RowsViewTest, WhatIsNoAnswerIsSaidAndDoesNoHarm) {
  RowsViewOptions options;
  options.merge = "SELECT count(*) AS n FROM rows";
  ViewedJob<RowsView> job("web[1-3]", 3, options);
  job.Say(0, "hello\n");
  job.Say(1, std::string(kHeader) + "[1]\n[\"a\",[]]\nx\n[\"a\",1]\n");
  job.Say(2,
          "{\"columns\":[\"x\\\"); DROP TABLE rows; --\"],\"types\":[\"TEXT);"
          " ATTACH '/tmp/x' AS y; --\"]}\n[1]\n");
  TUTTI_EXPECT_OK(job.view().Finish(0));
  EXPECT_THAT(job.error, AllOf(HasSubstr("web1: tutti: this is no row of the "
                                         "answer: hello"),
                               HasSubstr("web2: tutti: this is no row of the "
                                         "answer: [1]"),
                               Not(HasSubstr("web3"))));
  EXPECT_EQ(job.output, "N\n2\n");
}

TEST(RowsViewTest, ColumnsOfOneNameStandSideBySide) {
  ViewedJob<RowsView> job("web1", 1, RowsViewOptions{});
  job.Say(0,
          "{\"columns\":[\"name\",\"NAME\",\"target\"],\"types\":[\"TEXT\","
          "\"TEXT\",\"TEXT\"]}\n[\"a\",\"b\",\"c\"]\n");
  TUTTI_EXPECT_OK(job.view().Finish(0));
  EXPECT_EQ(job.output,
            "TARGET  NAME  NAME:2  TARGET:2\n"
            "web1    a     b       c\n");
}

TEST(RowsViewTest, NamesOfColumnsDoNotDriveTheTerminal) {
  ViewedJob<RowsView> job("web1", 1, RowsViewOptions{});
  job.Say(0, "{\"columns\":[\"\\u001b[2Ja\\nb\"],\"types\":[\"TEXT\"]}\n[1]\n");
  TUTTI_EXPECT_OK(job.view().Finish(0));
  EXPECT_THAT(job.output, Not(HasSubstr("\x1b")));
  EXPECT_EQ(std::count(job.output.begin(), job.output.end(), '\n'), 2);
}

TEST(RowsViewTest, ColumnsOfAllVersionsStandSideBySide) {
  ViewedJob<RowsView> job("web[1-2]", 2, RowsViewOptions{});
  job.Say(0, "{\"columns\":[\"a\"],\"types\":[\"TEXT\"]}\n[\"x\"]\n");
  job.Say(1,
          "{\"columns\":[\"b\",\"a\"],\"types\":[\"TEXT\",\"TEXT\"]}\n"
          "[\"y\",\"z\"]\n");
  TUTTI_EXPECT_OK(job.view().Finish(0));
  EXPECT_EQ(job.output,
            "TARGET  A  B\n"
            "web1    x  -\n"
            "web2    z  y\n");
}

}  // namespace
}  // namespace tutti::cli
