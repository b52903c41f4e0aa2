// What copy tasks ask for. Where this fails, a copy stands still, or fills the
// controller's memory.
#include "controller/core/content_feeds.h"

#include <string>
#include <vector>

#include "tests/unit/controller_core/core_fixture.h"

namespace tutti::testing {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class ContentFeedsTest : public CoreFixture {
 protected:
  uint64_t StartCopy(const std::vector<std::string>& targets) {
    Enroll(targets);
    ConnectAll();
    controller::PreparedJob job = Prepare(targets, ++started_);
    job.opened.spec.mutable_copy()->set_manifest_digest("digest");
    const uint64_t number = Start(PrepareRetry(job, 1, targets));
    for (const std::string& target : targets) {
      Report(target, v1::TASK_STATE_RUNNING);
    }
    return number;
  }
  // `lost` bytes of what it wrote before are in its spool no more.
  void Ask(const std::string& name, const std::string& requests,
           uint64_t lost = 0) {
    v1::AttemptReport report = MakeReport(name, v1::TASK_STATE_RUNNING);
    asked_[name] += lost;
    AddOutput(report, asked_[name] + kFirst, requests);
    report.mutable_output(0)->set_stream(v1::OUTPUT_STREAM_REQUEST);
    if (lost > 0) report.set_start_position(asked_[name] + kFirst);
    asked_[name] += MakeChunk(0, requests).next_position();
    Report(name, report);
  }
  void Taken(const std::string& name, uint64_t taken, bool closed = false) {
    v1::AttemptReport report = MakeReport(name, v1::TASK_STATE_RUNNING);
    report.set_input_taken(taken);
    report.set_input_closed(closed);
    Report(name, report);
  }
  // Answers the oldest step with `count` chunks of that size.
  void Answer(uint64_t number, size_t count, bool more = false,
              size_t size = 10) {
    controller::FedContent fed;
    fed.number = number;
    fed.more = more;
    for (size_t i = 0; i < count; ++i) {
      fed.chunks.push_back(
          std::make_shared<const std::string>(std::string(size, 'x')));
    }
    AnswerWith(std::move(fed));
  }
  void AnswerWith(absl::StatusOr<controller::FedContent> fed) {
    ASSERT_FALSE(effects_->content_steps.empty());
    auto [step, done] = std::move(effects_->content_steps.front());
    effects_->content_steps.pop_front();
    done(std::move(fed));
    effects_->CommitAll();
  }
  const controller::ContentStep& Step() const {
    return effects_->content_steps.front().first;
  }
  size_t steps() const { return effects_->content_steps.size(); }
  std::vector<uint64_t> TakeSent(const std::string& name) {
    std::vector<uint64_t> numbers;
    for (const auto& piece : effects_->inputs[session(name)]) {
      for (size_t i = 0; i < piece.chunks.size(); ++i) {
        numbers.push_back(piece.number + i);
      }
    }
    effects_->inputs.erase(session(name));
    return numbers;
  }

 private:
  int started_ = 0;
  std::map<std::string, uint64_t> asked_;
};

TEST_F(ContentFeedsTest, AnswersGoToWhoAsked) {
  StartCopy({"web01", "web02"});
  Ask("web01", "abc");
  ASSERT_EQ(steps(), 1u);
  EXPECT_EQ(Step().requests, "abc");
  EXPECT_EQ(Step().from, 0u);
  Ask("web01", "def");
  EXPECT_EQ(steps(), 1u);
  Answer(0, 2);
  EXPECT_THAT(TakeSent("web01"), ElementsAre(0, 1));
  EXPECT_THAT(TakeSent("web02"), IsEmpty());
  // What it asked for meanwhile.
  ASSERT_EQ(steps(), 1u);
  EXPECT_EQ(Step().requests, "def");
  Answer(2, 1, /*more=*/true);
  EXPECT_THAT(TakeSent("web01"), ElementsAre(2));
  ASSERT_EQ(steps(), 1u);
  EXPECT_EQ(Step().requests, "");
  Answer(3, 0);
  EXPECT_EQ(steps(), 0u);
}

TEST_F(ContentFeedsTest, ReadsNoFurtherThanTheTaskTakes) {
  StartCopy({"web01"});
  Ask("web01", "abc");
  Answer(0, 20, /*more=*/true, 32 << 10);
  // More than half a MiB waits for it.
  EXPECT_EQ(steps(), 0u);
  EXPECT_THAT(TakeSent("web01"), SizeIs(16));
  Taken("web01", 4);
  EXPECT_THAT(TakeSent("web01"), ElementsAre(16, 17, 18, 19));
  Taken("web01", 5);
  EXPECT_EQ(steps(), 1u);
}

TEST_F(ContentFeedsTest, GoesOnAfterABreakWhereTheTaskIs) {
  StartCopy({"web01"});
  Ask("web01", "abc");
  Answer(0, 4);
  EXPECT_THAT(TakeSent("web01"), SizeIs(4));
  Disconnect("web01");
  v1::AttemptReport report = MakeReport("web01", v1::TASK_STATE_RUNNING);
  report.set_input_taken(3);
  Connect("web01", {report});
  // All that it asked for, from there on.
  ASSERT_EQ(steps(), 1u);
  EXPECT_EQ(Step().requests, "abc");
  EXPECT_EQ(Step().from, 3u);
  Answer(3, 1);
  EXPECT_THAT(TakeSent("web01"), ElementsAre(3));
}

TEST_F(ContentFeedsTest, WhatStandsStillHoldsNothing) {
  StartCopy({"web01"});
  Ask("web01", "abc");
  Answer(0, 4);
  EXPECT_THAT(TakeSent("web01"), SizeIs(4));
  Report("web01", v1::TASK_STATE_SUSPENDED);
  EXPECT_EQ(steps(), 0u);
  Report("web01", v1::TASK_STATE_RUNNING);
  ASSERT_EQ(steps(), 1u);
  EXPECT_EQ(Step().requests, "abc");
  Answer(0, 5);
  // Its agent has the others.
  EXPECT_THAT(TakeSent("web01"), ElementsAre(4));
}

TEST_F(ContentFeedsTest, WhoFindsNoRoomHasItsTurnLater) {
  std::vector<std::string> names;
  for (int i = 10; i < 80; ++i) names.push_back("web" + std::to_string(i));
  StartCopy(names);
  for (const std::string& name : names) Ask(name, "abc");
  // 64 MiB, a block each.
  EXPECT_EQ(steps(), 64u);
  for (int i = 0; i < 58; ++i) {
    Answer(0, 32, /*more=*/false, 32 << 10);
  }
  size_t sent = 0;
  for (const std::string& name : names) {
    if (TakeSent(name).empty()) continue;
    ++sent;
    Taken(name, 32);
  }
  // The rest has its turn.
  while (steps() > 0) Answer(0, 1);
  for (const std::string& name : names) {
    sent += TakeSent(name).empty() ? 0 : 1;
  }
  EXPECT_EQ(sent, names.size());
}

TEST_F(ContentFeedsTest, WhoTakesNothingGivesItsRoomToThoseWhoWait) {
  std::vector<std::string> names;
  for (int i = 10; i < 76; ++i) names.push_back("web" + std::to_string(i));
  StartCopy(names);
  for (const std::string& name : names) Ask(name, "abc");
  // Each is sent half of a MiB; not one takes any of it.
  while (steps() > 0) Answer(0, 32, /*more=*/true, 32 << 10);
  const std::string first = names.front();
  const std::string last = names.back();
  EXPECT_THAT(TakeSent(first), SizeIs(16));
  EXPECT_THAT(TakeSent(last), IsEmpty());
  Advance(controller::ContentFeeds::kYieldAfter);
  ASSERT_EQ(steps(), 2u);
  Answer(0, 1);
  Answer(0, 1);
  EXPECT_THAT(TakeSent(last), ElementsAre(0));
  // Until it goes on nothing is read for it.
  Taken(first, 0);
  EXPECT_EQ(steps(), 0u);
  Taken(first, 1);
  ASSERT_EQ(steps(), 1u);
  EXPECT_EQ(Step().requests, "abc");
  EXPECT_EQ(Step().from, 1u);
  Answer(1, 31);
  EXPECT_THAT(TakeSent(first), ElementsAre(16));
}

TEST_F(ContentFeedsTest, WhoTakesNothingKeepsItsRoomWhileNobodyWaits) {
  StartCopy({"web01"});
  Ask("web01", "abc");
  Answer(0, 20);
  EXPECT_THAT(TakeSent("web01"), SizeIs(16));
  Advance(absl::Minutes(1));
  Taken("web01", 4);
  EXPECT_EQ(steps(), 0u);
  EXPECT_THAT(TakeSent("web01"), ElementsAre(16, 17, 18, 19));
}

TEST_F(ContentFeedsTest, WhatItAskedForIsNoOutput) {
  const uint64_t number = StartCopy({"web01"});
  Ask("web01", "abc");
  OpenWatch(1, number);
  EXPECT_EQ(Drain(1).output[0], "");
}

TEST_F(ContentFeedsTest, WhoseRequestsAreLostSeesTheEnd) {
  StartCopy({"web01"});
  Ask("web01", "abc");
  Answer(0, 1);
  EXPECT_THAT(TakeSent("web01"), ElementsAre(0));
  Taken("web01", 1);
  Ask("web01", "def", /*lost=*/30);
  // The target takes the first and ignores the others.
  EXPECT_THAT(TakeSent("web01"), AllOf(Not(IsEmpty()), Each(1)));
  EXPECT_EQ(steps(), 0u);
}

TEST_F(ContentFeedsTest, WhatCanNotBeFedSeesTheEnd) {
  StartCopy({"web01"});
  Ask("web01", "abc");
  Answer(0, 1);
  TakeSent("web01");
  Ask("web01", "nonsense");
  AnswerWith(absl::InvalidArgumentError("nonsense"));
  EXPECT_THAT(TakeSent("web01"), IsEmpty());
  Taken("web01", 1);
  EXPECT_THAT(TakeSent("web01"), ElementsAre(1));
  EXPECT_EQ(steps(), 0u);
  Taken("web01", 1, /*closed=*/true);
  EXPECT_THAT(TakeSent("web01"), IsEmpty());
}

}  // namespace
}  // namespace tutti::testing
