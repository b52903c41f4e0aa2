#include "controller/cli/follow/json_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/cli_follow/job_messages.h"

namespace tutti::cli {
namespace {

using ::tutti::testing::FakeClock;

// JsonLinesView takes its clock by reference; ViewedJob copies arguments.
class LinesView final : public OutputView {
 public:
  LinesView(const FollowedJob& job, Sinks sinks) : view_(job, clock_, sinks) {}
  void OnOutput(size_t task, const OutputPiece& piece) override {
    view_.OnOutput(task, piece);
  }
  void OnAttempt(size_t task) override { view_.OnAttempt(task); }
  void OnStatus(size_t task) override { view_.OnStatus(task); }
  absl::Status Finish(int exit_status) override {
    return view_.Finish(exit_status);
  }

 private:
  FakeClock clock_;
  JsonLinesView view_;
};

std::vector<Json> Lines(const std::string& text) {
  std::vector<Json> events;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    events.push_back(Json::parse(line));
    EXPECT_EQ(events.back()["v"], 1);
    EXPECT_TRUE(events.back().contains("time"));
  }
  return events;
}

TEST(JsonLinesViewTest, TellsEverythingInOrder) {
  ViewedJob<LinesView> job("web[1-2]", 2);
  job.Say(1, "hi \"you\"\n");
  job.Say(1, "oh\n", v1::OUTPUT_STREAM_STDERR);
  job.Apply(StatusMessage(1, Ended(v1::TASK_STATE_FAILED, 3)));
  TUTTI_EXPECT_OK(job.view().Finish(1));
  const std::vector<Json> events = Lines(job.output);
  ASSERT_EQ(events.size(), 5u);
  EXPECT_EQ(events[0]["type"], "job");
  EXPECT_EQ(events[0]["number"], 17);
  EXPECT_EQ(events[1]["type"], "output");
  EXPECT_EQ(events[1]["target"], "web2");
  EXPECT_EQ(events[1]["attempt"], 1);
  EXPECT_EQ(events[1]["stream"], "stdout");
  EXPECT_EQ(events[1]["text"], "hi \"you\"\n");
  EXPECT_EQ(events[2]["stream"], "stderr");
  EXPECT_EQ(events[3]["type"], "state");
  EXPECT_EQ(events[3]["state"], "FAILED");
  EXPECT_EQ(events[3]["exit_status"], 3);
  EXPECT_EQ(events[4]["type"], "end");
  EXPECT_EQ(events[4]["exit_status"], 1);
}

TEST(JsonLinesViewTest, BytesThatAreNotTextAreBase64) {
  ViewedJob<LinesView> job("web1", 1);
  job.Say(0, "\xff\xfe");
  const std::vector<Json> events = Lines(job.output);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[1]["base64"], "//4=");
  EXPECT_FALSE(events[1].contains("text"));
}

// Chunks end anywhere; text must not turn into base64 because of that.
TEST(JsonLinesViewTest, ACutCharacterIsJoined) {
  ViewedJob<LinesView> job("web1", 1);
  job.Say(0, "gr\xc3");
  job.Say(0, "\xbc\xc3");
  job.Apply(StatusMessage(0, Ended(v1::TASK_STATE_COMPLETED, 0)));
  const std::vector<Json> events = Lines(job.output);
  ASSERT_EQ(events.size(), 5u);
  EXPECT_EQ(events[1]["text"], "gr");
  EXPECT_EQ(events[2]["text"], "\xc3\xbc");
  EXPECT_EQ(events[3]["base64"], "ww==");
}

// What came before a hole and what came behind it are no message of anybody.
TEST(JsonLinesViewTest, WhatIsCutByAHoleIsNotPutTogether) {
  ViewedJob<LinesView> job("web1", 1);
  job.Say(0, "{\"warning\": ", v1::OUTPUT_STREAM_MESSAGE);
  job.Say(0, "[1,2", v1::OUTPUT_STREAM_RESULT);
  v1::WatchJobResponse gap = OutputMessage(0, 100, "");
  gap.mutable_tasks(0)->mutable_output(0)->set_next_position(200);
  gap.mutable_tasks(0)->mutable_output(0)->set_missing_bytes(9);
  job.Apply(gap);
  job.Say(0, "\"x\"}\n", v1::OUTPUT_STREAM_MESSAGE);
  job.Say(0, "8,9]", v1::OUTPUT_STREAM_RESULT);
  job.Apply(StatusMessage(0, Ended(v1::TASK_STATE_COMPLETED, 0)));
  const std::vector<Json> events = Lines(job.output);
  ASSERT_EQ(events.size(), 7u);
  EXPECT_EQ(events[1]["text"], "{\"warning\": ");
  EXPECT_EQ(events[2]["text"], "[1,2");
  EXPECT_EQ(events[3]["type"], "missing");
  EXPECT_EQ(events[4]["text"], "\"x\"}");
  EXPECT_EQ(events[5]["text"], "8,9]");
}

TEST(JsonDocumentViewTest, OneDocumentAtTheEnd) {
  ViewedJob<JsonDocumentView> job("web[1-2]", 2);
  job.Say(0, "one\n");
  job.Say(0, "two\n");
  job.Say(1, "\xff", v1::OUTPUT_STREAM_STDERR);
  job.Apply(StatusMessage(0, Ended(v1::TASK_STATE_COMPLETED, 0)));
  EXPECT_EQ(job.output, "");
  TUTTI_EXPECT_OK(job.view().Finish(0));
  const Json document = Json::parse(job.output);
  EXPECT_EQ(document["v"], 1);
  EXPECT_EQ(document["job"]["number"], 17);
  EXPECT_EQ(document["exit_status"], 0);
  ASSERT_EQ(document["tasks"].size(), 2u);
  EXPECT_EQ(document["tasks"][0]["target"], "web1");
  EXPECT_EQ(document["tasks"][0]["state"], "COMPLETED");
  EXPECT_EQ(document["tasks"][0]["stdout"], "one\ntwo\n");
  EXPECT_EQ(document["tasks"][1]["stderr"]["base64"], "/w==");
}

}  // namespace
}  // namespace tutti::cli
