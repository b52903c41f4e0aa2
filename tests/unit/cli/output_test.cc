#include "controller/cli/output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/status/status.h"
#include "controller/cli/exit_status.h"
#include "tests/support/status_matchers.h"

namespace tutti::cli {
namespace {

using ::testing::HasSubstr;
using ::tutti::testing::StatusIs;

Listing MakeListing() {
  Listing listing("jobs", "number",
                  {
                      {"JOB", "number", Column::Shown::kAlways, true},
                      {"NAME", "name"},
                      {"UUID", "uuid", Column::Shown::kWide},
                      {"HELD", "held", Column::Shown::kData},
                      {"COMMAND", "command"},
                  });
  listing.Add({Cell::Number(7),
               {"", nullptr},
               Cell::Text("01ab"),
               {"", false},
               Cell::Text("echo \"a\", b")});
  listing.Add({Cell::Number(12),
               Cell::Text("näme"),
               Cell::Text("01cd"),
               {"", true},
               Cell::Text("true")});
  return listing;
}

TEST(OutputTest, TableIsAligned) {
  EXPECT_EQ(MakeListing().Format(OutputFormat::kTable, false, 0),
            "JOB  NAME  COMMAND\n"
            "  7  -     echo \"a\", b\n"
            " 12  näme  true\n");
  EXPECT_THAT(MakeListing().Format(OutputFormat::kWide, false, 0),
              HasSubstr("UUID"));
}

// If this fails, lines of a table run over the edge of the terminal.
TEST(OutputTest, LastColumnOfATableIsCutToTheTerminal) {
  Listing listing("jobs", "name", {{"NAME", "name"}, {"COMMAND", "command"}});
  listing.Add({Cell::Text("a"), Cell::Text(std::string(50, 'x'))});
  EXPECT_EQ(listing.Format(OutputFormat::kTable, false, 26),
            "NAME  COMMAND\na     " + std::string(19, 'x') + "…\n");
}

// If this fails, a target's name or reason can take over the terminal.
TEST(OutputTest, ControlSequencesAreHarmlessInTables) {
  Listing listing("agents", "name", {{"NAME", "name"}});
  listing.Add({Cell::Text("\x1b[31mred")});
  EXPECT_EQ(listing.Format(OutputFormat::kTable, false, 0),
            "NAME\n^[[31mred\n");
}

TEST(OutputTest, JsonCarriesItsVersion) {
  const Json json =
      Json::parse(MakeListing().Format(OutputFormat::kJson, false, 0));
  EXPECT_EQ(json["v"], 1);
  ASSERT_EQ(json["jobs"].size(), 2u);
  EXPECT_EQ(json["jobs"][0]["number"], 7);
  EXPECT_TRUE(json["jobs"][0]["name"].is_null());
  EXPECT_EQ(json["jobs"][1]["held"], true);
}

TEST(OutputTest, JsonLinesStandAlone) {
  EXPECT_EQ(MakeListing().Format(OutputFormat::kJsonl, false, 0),
            "{\"v\":1,\"number\":7,\"name\":null,\"uuid\":\"01ab\","
            "\"held\":false,\"command\":\"echo \\\"a\\\", b\"}\n"
            "{\"v\":1,\"number\":12,\"name\":\"näme\",\"uuid\":\"01cd\","
            "\"held\":true,\"command\":\"true\"}\n");
}

TEST(OutputTest, CsvQuotesWhatItMust) {
  EXPECT_EQ(MakeListing().Format(OutputFormat::kCsv, false, 0),
            "number,name,uuid,held,command\r\n"
            "7,,01ab,false,\"echo \"\"a\"\", b\"\r\n"
            "12,näme,01cd,true,true\r\n");
}

TEST(OutputTest, NamesAreOneALine) {
  EXPECT_EQ(MakeListing().Format(OutputFormat::kNames, false, 0), "7\n12\n");
}

TEST(OutputTest, RecordInEveryFormat) {
  const Record record = {
      "agent", "web1", {{"name", "web1"}, {"running", 2}}, "Agent  web1\n"};
  EXPECT_EQ(FormatRecord(record, OutputFormat::kTable), "Agent  web1\n");
  EXPECT_EQ(FormatRecord(record, OutputFormat::kJsonl),
            "{\"v\":1,\"name\":\"web1\",\"running\":2}\n");
  EXPECT_EQ(Json::parse(FormatRecord(record, OutputFormat::kJson)),
            Json::parse(R"({"v":1,"agent":{"name":"web1","running":2}})"));
  EXPECT_EQ(FormatRecord(record, OutputFormat::kCsv),
            "name,running\r\nweb1,2\r\n");
  EXPECT_EQ(FormatRecord(record, OutputFormat::kNames), "web1\n");
}

// If this fails, output that is no text is changed on its way, or ends the
// program.
TEST(OutputTest, BytesThatAreNotUtf8BecomeBase64) {
  EXPECT_EQ(ToLine(BytesToJson("caf\xc3\xa9 \x01\"")),
            "\"caf\xc3\xa9 \\u0001\\\"\"");
  EXPECT_EQ(ToLine(BytesToJson("\xff\x00")), "{\"base64\":\"/w==\"}");
  // A surrogate and an overlong form are not UTF-8.
  EXPECT_TRUE(BytesToJson("\xed\xa0\x80").is_object());
  EXPECT_TRUE(BytesToJson("\xc0\xaf").is_object());
  // Even where nobody looked at the bytes it is one line of JSON.
  EXPECT_TRUE(Json::accept(ToLine(Json{{"text", "\xff"}})));
}

TEST(OutputTest, ErrorsAreJsonToo) {
  const absl::Status error = WithExitStatus(
      absl::UnavailableError("controller a:1 is down"), kExitUnreachable);
  EXPECT_EQ(ErrorToJson(error),
            "{\"v\":1,\"error\":{\"code\":\"UNAVAILABLE\",\"message\":"
            "\"controller a:1 is down\",\"exit_status\":6}}\n");
}

TEST(OutputTest, FormatsHaveNames) {
  EXPECT_EQ(*ParseOutputFormat("jsonl"), OutputFormat::kJsonl);
  EXPECT_THAT(
      ParseOutputFormat("yaml"),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("csv, names")));
}

TEST(OutputTest, TimesForPeopleAndPrograms) {
  const absl::Time now = absl::FromUnixMillis(1'767'225'600'123);
  EXPECT_EQ(AgoText(now - absl::Milliseconds(200), now), "now");
  EXPECT_EQ(AgoText(now - absl::Seconds(41), now), "41 s ago");
  EXPECT_EQ(AgoText(now - absl::Hours(77), now), "3 d ago");
  EXPECT_EQ(AgoText(now + absl::Minutes(90), now), "in 90 min");
  EXPECT_EQ(AgoText(absl::InfinitePast(), now), "never");
  EXPECT_EQ(TimeToJson(now), "2026-01-01T00:00:00.123Z");
  EXPECT_TRUE(TimeToJson(absl::InfinitePast()).is_null());
}

TEST(OutputTest, CardIsAligned) {
  Card card(/*color=*/false);
  card.Add("Job", "17");
  card.Add("Name", "");
  card.Add("Command", "a\nb");
  EXPECT_EQ(card.Format(), "Job      17\nCommand  a\n         b\n");
}

TEST(ExitStatusTest, FollowsFromTheError) {
  EXPECT_EQ(ExitStatusOf(absl::OkStatus()), 0);
  EXPECT_EQ(ExitStatusOf(absl::InvalidArgumentError("x")), 2);
  EXPECT_EQ(ExitStatusOf(absl::NotFoundError("x")), 2);
  EXPECT_EQ(ExitStatusOf(absl::UnavailableError("x")), 6);
  EXPECT_EQ(ExitStatusOf(WithExitStatus(absl::UnavailableError("x"), 7)), 7);
}

}  // namespace
}  // namespace tutti::cli
