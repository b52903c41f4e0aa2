// How rows of one of several queries are shown.
#include "controller/cli/follow/rows_series.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "controller/cli/follow/rows_view.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/cli_follow/job_messages.h"

namespace tutti::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using tutti::testing::StatusIs;

constexpr char kHeader[] = "{\"columns\":[\"a\"],\"types\":[\"TEXT\"]}\n";
const absl::Time kAsked = absl::FromUnixSeconds(1'767'225'600);

RowsViewOptions Options(const RowsSeries& series, OutputFormat format) {
  RowsViewOptions options;
  options.series = &series;
  options.format = format;
  return options;
}

// A job of web1 and web2 that answers these rows and ends.
std::string Show(const RowsViewOptions& options, const std::string& first,
                 const std::string& second,
                 v1::TaskState second_state = v1::TASK_STATE_COMPLETED) {
  ViewedJob<RowsView> job("web[1-2]", 2, options);
  job.Say(0, kHeader + first);
  job.Say(1, kHeader + second);
  job.Apply(StatusMessage(0, Ended(v1::TASK_STATE_COMPLETED, 0)));
  job.Apply(StatusMessage(1, Ended(second_state, 0)));
  TUTTI_EXPECT_OK(job.view().Finish(0));
  EXPECT_EQ(job.error, "");
  return job.output;
}

TEST(RowsSeriesTest, TheQueryStandsAboveATable) {
  RowsSeries series;
  series.query = "pack/users";
  const RowsViewOptions options = Options(series, OutputFormat::kTable);
  EXPECT_EQ(Show(options, "[\"x\"]\n", ""),
            "=== pack/users ===\nTARGET  A\nweb1    x\n");
  EXPECT_EQ(Show(options, "", ""), "=== pack/users ===\nno rows\n");
}

TEST(RowsSeriesTest, ProgramsAreToldWhichQueryARowIsOf) {
  RowsSeries series;
  series.query = "pack/users";
  EXPECT_EQ(Show(Options(series, OutputFormat::kJsonl), "[\"x\"]\n", ""),
            "{\"v\":1,\"query\":\"pack/users\",\"target\":\"web1\",\"row\":{"
            "\"a\":\"x\"}}\n");
  EXPECT_EQ(Show(Options(series, OutputFormat::kCsv), "[\"x\"]\n", ""),
            "query,target,a\r\npack/users,web1,x\r\n");
}

TEST(RowsSeriesTest, AllAnswersOfADocumentComeTogether) {
  RowsSeries series;
  series.query = "pack/users";
  RowsDocument json(OutputFormat::kJson,
                    LabelsOf(series, OutputFormat::kJson, /*merged=*/false));
  series.document = &json;
  EXPECT_EQ(Show(Options(series, OutputFormat::kJson), "[\"x\"]\n", ""), "");
  series.query = "pack/mounts";
  EXPECT_EQ(Show(Options(series, OutputFormat::kJson), "", "[\"y\"]\n"), "");
  const Json document = Json::parse(json.Format(/*color=*/false, /*width=*/0));
  EXPECT_EQ(document["rows"].size(), 2u);
  EXPECT_EQ(ToLine(document["rows"][1]),
            "{\"query\":\"pack/mounts\",\"target\":\"web2\",\"a\":\"y\"}");
  EXPECT_GT(json.bytes(), 0u);
}

// If this fails, an answer in which nothing changed fills the document.
TEST(RowsSeriesTest, OnlyWhatIsKeptCounts) {
  RowChanges changes;
  RowsSeries series;
  series.changes = &changes;
  RowsDocument csv(OutputFormat::kCsv,
                   LabelsOf(series, OutputFormat::kCsv, /*merged=*/false));
  series.document = &csv;
  const RowsViewOptions options = Options(series, OutputFormat::kCsv);
  Show(options, "[\"x\"]\n", "[\"y\"]\n");
  const uint64_t remembered = changes.bytes();
  EXPECT_GT(csv.bytes(), 2 * sizeof(Cell));
  EXPECT_GT(remembered, 2 * sizeof(std::string));
  csv.Clear();
  Show(options, "[\"x\"]\n", "[\"y\"]\n");
  EXPECT_EQ(csv.bytes(), 0u);
  EXPECT_EQ(changes.bytes(), remembered);
}

TEST(RowsSeriesTest, AllQueriesShareWhatRowsMayTake) {
  RowChanges changes;
  RowsSeries series;
  series.changes = &changes;
  series.other_bytes = 512 << 20;
  ViewedJob<RowsView> job("web1", 1, Options(series, OutputFormat::kTable));
  job.Say(0, kHeader + std::string("[\"x\"]\n"));
  EXPECT_THAT(job.view().Finish(0),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       AllOf(HasSubstr("more than 512.0 MiB; ask for fewer"),
                             Not(HasSubstr("jsonl")))));
}

// A table's own column may be called as what stands before it.
TEST(RowsSeriesTest, ColumnsThatAreCalledAsWhatStandsBeforeThemGetANumber) {
  RowsSeries series;
  series.asked_at = kAsked;
  ViewedJob<RowsView> job("web1", 1, Options(series, OutputFormat::kCsv));
  job.Say(0, "{\"columns\":[\"Time\"],\"types\":[\"TEXT\"]}\n[\"noon\"]\n");
  TUTTI_EXPECT_OK(job.view().Finish(0));
  EXPECT_EQ(job.output,
            "time,target,Time:2\r\n2026-01-01T00:00:00.000Z,web1,noon\r\n");
}

TEST(RowsSeriesTest, OnlyWhatChangedIsShown) {
  RowChanges changes;
  RowsSeries series;
  series.asked_at = kAsked;
  series.changes = &changes;
  const RowsViewOptions lines = Options(series, OutputFormat::kJsonl);
  const std::string begin = "{\"v\":1,\"time\":\"2026-01-01T00:00:00.000Z\",";
  EXPECT_EQ(Show(lines, "[\"x\"]\n", "[\"y\"]\n"),
            begin +
                "\"action\":\"added\",\"target\":\"web1\",\"row\":{\"a\":"
                "\"x\"}}\n" +
                begin +
                "\"action\":\"added\",\"target\":\"web2\",\"row\":{"
                "\"a\":\"y\"}}\n");
  EXPECT_EQ(Show(lines, "[\"x\"]\n", "[\"y\"]\n"), "");
  const RowsViewOptions table = Options(series, OutputFormat::kTable);
  EXPECT_EQ(Show(table, "[\"x\"]\n", "[\"y\"]\n"), "");
  const std::string shown = Show(table, "[\"z\"]\n", "[\"y\"]\n");
  EXPECT_THAT(shown,
              AllOf(HasSubstr("+-  TARGET  A\n"), HasSubstr("-   web1    x\n"),
                    HasSubstr("+   web1    z\n"), Not(HasSubstr("web2"))));
}

// If this fails, a target that is down for a while loses its rows and finds
// them again, as if they had changed.
TEST(RowsSeriesTest, ATargetThatFailedKeepsItsLastRows) {
  RowChanges changes;
  RowsSeries series;
  series.changes = &changes;
  const RowsViewOptions options = Options(series, OutputFormat::kCsv);
  Show(options, "[\"x\"]\n", "[\"y\"]\n");
  EXPECT_EQ(Show(options, "[\"x\"]\n", "", v1::TASK_STATE_FAILED),
            "action,target,a\r\n");
  EXPECT_EQ(Show(options, "[\"x\"]\n", "[\"y\"]\n[\"z\"]\n"),
            "action,target,a\r\nadded,web2,z\r\n");
}

TEST(RowsSeriesTest, AnAnswerWithHolesIsNotCompared) {
  RowChanges changes;
  RowsSeries series;
  series.changes = &changes;
  const RowsViewOptions options = Options(series, OutputFormat::kJsonl);
  Show(options, "[\"x\"]\n", "[\"y\"]\n");
  ViewedJob<RowsView> job("web[1-2]", 2, options);
  job.Say(0, std::string(kHeader) + "no row\n");
  job.Apply(StatusMessage(0, Ended(v1::TASK_STATE_COMPLETED, 0)));
  TUTTI_EXPECT_OK(job.view().Finish(0));
  EXPECT_EQ(job.output, "");
  EXPECT_THAT(job.error, HasSubstr("web1: tutti: its answer is not all here"));
}

}  // namespace
}  // namespace tutti::cli
