// Output that memory does not hold comes from the targets.
#include "tests/unit/controller_core/core_fixture.h"

namespace tutti::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr size_t kChunk = 1000;
constexpr uint64_t kStep = kChunk + 24;

class FetchTest : public CoreFixture {
 protected:
  FetchTest() {
    settings_.task_output_budget = 10'000;
    Enroll({"web01"});
    ConnectAll();
  }

  static std::string DataAt(int index) {
    return std::string(kChunk, static_cast<char>('a' + index % 26));
  }
  static uint64_t PositionOf(int index) { return kFirst + index * kStep; }

  std::string Send(int from, int to) {
    std::string sent;
    for (int i = from; i < to; ++i) {
      SendBulk("web01", PositionOf(i), DataAt(i));
      sent += DataAt(i);
    }
    return sent;
  }

  // Answers a fetch as an agent does.
  void Answer(const v1::FetchOutput& fetch) {
    for (int i = 0; PositionOf(i + 1) <= fetch.to_position(); ++i) {
      if (PositionOf(i + 1) <= fetch.from_position()) continue;
      SendBulk("web01", PositionOf(i), DataAt(i), fetch.fetch_id());
    }
    SendBulk("web01", 0, "", fetch.fetch_id(), /*fetch_done=*/true);
  }

  void End(int chunks) {
    v1::AttemptReport end = MakeReport("web01", v1::TASK_STATE_COMPLETED);
    end.set_end_position(PositionOf(chunks));
    Report("web01", end);
  }

  // The controller restarts after a job of five chunks, and somebody reads it
  // (watch 1): the fetch that this makes.
  v1::FetchOutput RestartAndFetch() {
    const uint64_t job = Start({"web01"});
    sent_ = Send(0, 5);
    End(5);
    Restart();
    Connect("web01");
    OpenWatch(1, job, /*follow=*/false);
    Drain(1);
    return TakeFetches("web01").at(0);
  }

  std::string sent_;
};

TEST_F(FetchTest, GapBetweenHeadAndTailIsFetched) {
  const uint64_t job = Start({"web01"});
  const std::string sent = Send(0, 50);
  End(50);
  EXPECT_GT(GetTask(job).evicted_bytes(), 0u);
  OpenWatch(1, job);
  Drain(1);
  const auto fetches = TakeFetches("web01");
  ASSERT_THAT(fetches, SizeIs(1));
  EXPECT_FALSE(watched_[1].statuses.contains(0));
  Answer(fetches[0]);
  EXPECT_EQ(Drain(1).output[0], sent);
  EXPECT_TRUE(Ended(1));
}

TEST_F(FetchTest, WithoutFollowAlsoFetches) {
  const uint64_t job = Start({"web01"});
  const std::string sent = Send(0, 50);
  OpenWatch(1, job, /*follow=*/false);
  Drain(1);
  EXPECT_FALSE(Ended(1));
  Answer(TakeFetches("web01").at(0));
  EXPECT_EQ(Drain(1).output[0], sent);
  EXPECT_TRUE(Ended(1));
}

// The watcher has everything before the agent says that this was all: it must
// not wait for ever.
TEST_F(FetchTest, WatchEndsWhenTheLastOutputCameBeforeTheFetchesEnd) {
  const v1::FetchOutput fetch = RestartAndFetch();
  for (int i = 0; i < 5; ++i) {
    SendBulk("web01", PositionOf(i), DataAt(i), fetch.fetch_id());
  }
  EXPECT_EQ(Drain(1).output[0], sent_);
  SendBulk("web01", 0, "", fetch.fetch_id(), /*fetch_done=*/true);
  Drain(1);
  EXPECT_TRUE(Ended(1));
}

// The agent may have answered on a stream that broke, or still answers slowly.
TEST_F(FetchTest, FetchThatBringsNothingForAMinuteIsBegunAnew) {
  const v1::FetchOutput lost = RestartAndFetch();
  Advance(absl::Seconds(50));
  SendBulk("web01", PositionOf(0), DataAt(0), lost.fetch_id());
  Advance(absl::Seconds(50));
  Drain(1);
  EXPECT_THAT(TakeFetches("web01"), IsEmpty());
  Advance(absl::Seconds(20));
  std::vector<uint64_t> cancelled;
  for (const auto& message : effects_->sent[session("web01")]) {
    for (const uint64_t id : message.directives().cancelled_fetches()) {
      cancelled.push_back(id);
    }
  }
  EXPECT_THAT(cancelled, ElementsAre(lost.fetch_id()));
  Drain(1);
  const auto again = TakeFetches("web01");
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again[0].from_position(), PositionOf(1));
  SendBulk("web01", PositionOf(1), "late", lost.fetch_id());
  Answer(again[0]);
  EXPECT_EQ(Drain(1).output[0], sent_);
  EXPECT_TRUE(Ended(1));
}

TEST_F(FetchTest, OfflineTargetOfAFinalTaskLeavesMissingBytes) {
  const uint64_t job = Start({"web01"});
  Send(0, 50);
  End(50);
  const uint64_t evicted = GetTask(job).evicted_bytes();
  Disconnect("web01");
  OpenWatch(1, job);
  const std::string gap = "<" + std::to_string(evicted) + " missing>";
  EXPECT_EQ(Drain(1).output[0].size(), 50 * kChunk - evicted + gap.size());
  EXPECT_NE(watched_[1].output[0].find(gap), std::string::npos);
  EXPECT_TRUE(Ended(1));
}

TEST_F(FetchTest, FailureLeavesMissingBytes) {
  const uint64_t job = Start({"web01"});
  Send(0, 50);
  End(50);
  OpenWatch(1, job);
  Drain(1);
  v1::AgentReport report;
  v1::FetchFailure& failure = *report.add_fetch_failures();
  failure.set_fetch_id(TakeFetches("web01").at(0).fetch_id());
  core_->OnReport(session("web01"), report);
  EXPECT_NE(Drain(1).output[0].find(" missing>"), std::string::npos);
  EXPECT_TRUE(Ended(1));
}

TEST_F(FetchTest, CutInTheMiddleOfAFetchGoesOnAfterTheReturn) {
  const uint64_t job = Start({"web01"});
  const std::string sent = Send(0, 50);
  OpenWatch(1, job);
  Drain(1);
  const v1::FetchOutput fetch = TakeFetches("web01").at(0);
  const int first = static_cast<int>((fetch.from_position() - kFirst) / kStep);
  SendBulk("web01", PositionOf(first), DataAt(first), fetch.fetch_id());
  Disconnect("web01");
  Drain(1);
  Connect("web01", {MakeReport("web01", v1::TASK_STATE_RUNNING)});
  Drain(1);
  const auto again = TakeFetches("web01");
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again[0].from_position(), PositionOf(first + 1));
  Answer(again[0]);
  EXPECT_EQ(Drain(1).output[0], sent);
}

TEST_F(FetchTest, OutputOfAFinalJobIsFetchedAfterARestart) {
  const uint64_t job = Start({"web01"});
  const std::string sent = Send(0, 5);
  End(5);
  Restart();
  OpenWatch(1, job);
  Drain(1);
  EXPECT_FALSE(Ended(1));
  Connect("web01");
  Drain(1);
  Answer(TakeFetches("web01").at(0));
  EXPECT_EQ(Drain(1).output[0], sent);
  EXPECT_TRUE(Ended(1));
}

TEST_F(FetchTest, WaitsForAgentsNoLongerThanTheGraceTimeOfAStart) {
  const uint64_t job = Start({"web01"});
  Send(0, 5);
  End(5);
  Restart();
  OpenWatch(1, job);
  Advance(settings_.offline_grace);
  EXPECT_EQ(Drain(1).output[0], "<5000 missing>");
  EXPECT_TRUE(Ended(1));
}

TEST_F(FetchTest, TaskWithoutOutputIsNotFetched) {
  const uint64_t job = Start({"web01"});
  Complete("web01");
  Restart();
  Connect("web01");
  OpenWatch(1, job);
  Drain(1);
  EXPECT_THAT(TakeFetches("web01"), IsEmpty());
  EXPECT_TRUE(Ended(1));
}

// After a restart the agent may join its records differently, so that a
// watcher's position lies within a chunk.
TEST_F(FetchTest, PositionWithinAChunkIsFetched) {
  const uint64_t job = Start({"web01"});
  SendBulk("web01", kFirst, "one two ");
  v1::TaskCursor cursor;
  cursor.set_task(0);
  cursor.set_attempt(1);
  cursor.set_position(kFirst + 10);
  OpenWatch(1, job, /*follow=*/true, {cursor});
  Drain(1);
  const v1::FetchOutput fetch = TakeFetches("web01").at(0);
  EXPECT_EQ(fetch.from_position(), kFirst + 10);
  EXPECT_EQ(fetch.to_position(), kFirst + 24 + 8);
}

TEST_F(FetchTest, FetchesAreBoundedHoweverLargeTheGap) {
  settings_.task_output_budget = 0;
  core_->Configure(settings_);
  const uint64_t job = Start({"web01"});
  const std::string data(200'000, 'x');
  uint64_t position = kFirst;
  for (int i = 0; i < 50; ++i) {
    SendBulk("web01", position, data);
    position += 24 + data.size();
  }
  OpenWatch(1, job);
  Drain(1);
  const auto fetches = TakeFetches("web01");
  ASSERT_THAT(fetches, SizeIs(1));
  EXPECT_LE(fetches[0].to_position() - fetches[0].from_position(), 1u << 20);
}

}  // namespace
}  // namespace tutti::testing
