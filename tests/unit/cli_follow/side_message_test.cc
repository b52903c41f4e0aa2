#include "controller/cli/follow/side_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "controller/cli/follow/gather_view.h"
#include "controller/cli/follow/json_view.h"
#include "controller/cli/follow/line_view.h"
#include "controller/cli/follow/progress_view.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/cli_follow/job_messages.h"

namespace tutti::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Kind = SideMessage::Kind;

constexpr auto kMessage = v1::OUTPUT_STREAM_MESSAGE;
constexpr auto kResult = v1::OUTPUT_STREAM_RESULT;

TEST(SideMessageTest, WhatIsNoMessageIsShownAsItIs) {
  for (const std::string line :
       {"", "hello", "{", "[1]", "{\"progress\": \"x\"}", "{\"progress\": 40}",
        "{\"progress\": -1}", "{\"warning\": 3}", "{\"else\": \"x\"}", "null",
        "{\"warning\":"}) {
    const SideMessage message = ParseSideMessage(line);
    EXPECT_EQ(message.kind, Kind::kOther) << line;
    EXPECT_EQ(message.text, line);
  }
  // Whoever wrote such a thing out again would need a stack as deep.
  const std::string deep =
      "{\"progress\": 0.5, \"x\": " + std::string(100'000, '[') +
      std::string(100'000, ']') + "}";
  EXPECT_EQ(ParseSideMessage(deep).kind, Kind::kOther);
}

TEST(SideMessageTest, ProgressHasAPartAndPerhapsAText) {
  const SideMessage message =
      ParseSideMessage(R"({"progress": 0.4, "message": "installing"})");
  EXPECT_EQ(message.kind, Kind::kProgress);
  EXPECT_EQ(MessageText(message), "40 % installing");
  EXPECT_EQ(MessageText(ParseSideMessage("{\"progress\": 1}")), "100 %");
}

TEST(SideMessageTest, LinesComeWholeAndLongOnesInPieces) {
  std::vector<size_t> sizes;
  const auto note = [&](std::string_view line) {
    sizes.push_back(line.size());
  };
  MessageLines lines;
  lines.Append("ab", note);
  EXPECT_THAT(sizes, IsEmpty());
  lines.Append("c\n\nd", note);
  EXPECT_THAT(sizes, ElementsAre(3));
  lines.Append(std::string(MessageLines::kMaxLineBytes * 2, 'x') + "\n", note);
  EXPECT_THAT(sizes, ElementsAre(3, MessageLines::kMaxLineBytes,
                                 MessageLines::kMaxLineBytes, 1));
  lines.Append("end", note);
  lines.Finish(note);
  EXPECT_EQ(sizes.back(), 3u);
}

TEST(SideMessageTest, LinesSayWhatTheyAre) {
  ViewedJob<LineView> job("web1", 1, LineViewOptions{});
  job.Say(0, "{\"warning\": \"disk", kMessage);
  job.Say(0, " full\"}\n{\"information\": \"two\\nlines\"}\n", kMessage);
  job.Say(0, "{\"verbose\": \"v\"}\n{\"debug\": \"d\"}\n", kMessage);
  job.Say(0, "{\"progress\": 0.1}\nno JSON\n", kMessage);
  job.Say(0, "{\"a\": 1}", kResult);
  job.Apply(StatusMessage(0, Ended(v1::TASK_STATE_COMPLETED, 0)));
  EXPECT_EQ(job.error,
            "web1: warning: disk full\nweb1: information: two\n"
            "web1: information: lines\nweb1: no JSON\n");
  EXPECT_EQ(job.output, "web1: {\"a\": 1}\n");
}

TEST(SideMessageTest, MoreIsShownWhenItIsAskedFor) {
  LineViewOptions options;
  options.messages = {.progress = true, .verbose = true, .debug = true};
  options.prefix = false;
  ViewedJob<LineView> job("web1", 1, options);
  job.Say(0, "{\"verbose\": \"v\"}\n{\"debug\": \"d\"}\n{\"progress\": 0.1}\n",
          kMessage);
  EXPECT_EQ(job.error, "verbose: v\ndebug: d\nprogress: 10 %\n");
}

// If this fails a program on a target drives the operator's terminal.
TEST(SideMessageTest, ControlSequencesAreHarmlessOnATerminal) {
  LineViewOptions options;
  options.harmless_error = true;
  ViewedJob<LineView> job("web1", 1, options);
  job.Say(0, "{\"warning\": \"\\u001b[2J\"}\n\x1b[2J\n", kMessage);
  EXPECT_THAT(job.error, Not(HasSubstr("\x1b")));
}

TEST(SideMessageTest, ResultsAreGatheredBehindTheOutput) {
  ViewedJob<GatherView> job("web[1-2]", 2, GatherViewOptions{});
  // Not in the same order on both.
  job.Say(0, "out\n");
  job.Say(0, "{}", kResult);
  job.Say(1, "{}", kResult);
  job.Say(1, "out");
  job.Say(1, "{\"warning\": \"w\"}\n", kMessage);
  job.Apply(StatusMessage(0, Ended(v1::TASK_STATE_COMPLETED, 0)));
  TUTTI_EXPECT_OK(job.view().Finish(0));
  EXPECT_EQ(job.output,
            "----------------\nweb[1-2]\n----------------\nout\n{}\n");
  EXPECT_EQ(job.error, "web2: warning: w\n");
}

TEST(SideMessageTest, ADocumentHasThemParsed) {
  ViewedJob<JsonDocumentView> job("web[1-2]", 2);
  job.Say(0, "{\"warning\": \"w\"}\nno JSON\n", kMessage);
  job.Say(0, "{\"a\":", kResult);
  job.Say(0, " [1]}\n", kResult);
  job.Say(1, "no JSON", kResult);
  TUTTI_EXPECT_OK(job.view().Finish(0));
  const Json json = Json::parse(job.output);
  EXPECT_EQ(json["tasks"][0]["messages"],
            Json::parse(R"([{"warning": "w"}, "no JSON"])"));
  EXPECT_EQ(json["tasks"][0]["result"], Json::parse(R"({"a": [1]})"));
  EXPECT_EQ(json["tasks"][1]["result"], "no JSON");
  EXPECT_FALSE(json["tasks"][1].contains("messages"));
}

class ViewOfProgress final : public OutputView {
 public:
  ViewOfProgress(const FollowedJob& job, Sinks)
      : view_(std::make_unique<SilentView>(), job) {}
  void OnOutput(size_t task, const OutputPiece& piece) override {
    view_.OnOutput(task, piece);
  }
  void OnAttempt(size_t task) override { view_.OnAttempt(task); }
  void OnStatus(size_t task) override { view_.OnStatus(task); }
  absl::Status Finish(int) override { return absl::OkStatus(); }
  std::vector<std::string> Lines(size_t rows) const {
    std::vector<std::string> texts;
    for (const LiveLine& line : view_.Preview(rows)) {
      texts.push_back(PlainText(line));
    }
    return texts;
  }

 private:
  ProgressView view_;
};

TEST(SideMessageTest, TheLiveViewHasTheNewestProgressOfWhatRuns) {
  ViewedJob<ViewOfProgress> job("web[1-3]", 3);
  EXPECT_THAT(job.view().Lines(10), IsEmpty());
  job.Say(0, "{\"progress\": 0.1, \"message\": \"a\\nb\"}\n", kMessage);
  job.Say(1, "{\"progress\": 0.2}\n", kMessage);
  job.Say(2, "{\"progress\": 0.3, \"message\": \"c\"}\n", kMessage);
  job.Say(0, "{\"progress\": 0.5, \"message\": \"a\\nb\"}\n", kMessage);
  EXPECT_THAT(job.view().Lines(10),
              ElementsAre("web1: 50 % a", "web3: 30 % c", "web2: 20 %",
                          "all 3 targets: 33 %"));
  EXPECT_THAT(job.view().Lines(3),
              ElementsAre("web1: 50 % a", "and 2 targets with progress",
                          "all 3 targets: 33 %"));
  EXPECT_THAT(job.view().Lines(2),
              ElementsAre("web1: 50 % a", "and 2 targets with progress"));
  EXPECT_THAT(job.view().Lines(0), IsEmpty());
  job.Apply(StatusMessage(0, Ended(v1::TASK_STATE_COMPLETED, 0)));
  EXPECT_THAT(job.view().Lines(10),
              ElementsAre("web3: 30 % c", "web2: 20 %", "all 3 targets: 50 %"));
}

}  // namespace
}  // namespace tutti::cli
