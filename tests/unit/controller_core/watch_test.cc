// What a watcher sees.
#include "tests/unit/controller_core/core_fixture.h"

namespace tutti::testing {
namespace {

using ::testing::HasSubstr;

class WatchTest : public CoreFixture {};

TEST_F(WatchTest, FollowsToTheEnd) {
  Enroll({"web01", "web02"});
  ConnectAll();
  const uint64_t job = Start({"web01", "web02"});
  OpenWatch(1, job);
  EXPECT_EQ(Drain(1).job.targets(), "web[01-02]");
  Complete("web01", "one\n");
  EXPECT_EQ(Drain(1).output[0], "one\n");
  EXPECT_FALSE(Ended(1));
  Complete("web02", "two\n");
  EXPECT_EQ(Drain(1).output[1], "two\n");
  EXPECT_EQ(watched_[1].statuses[1].attempt().state(),
            v1::TASK_STATE_COMPLETED);
  EXPECT_EQ(watched_[1].job.state(), v1::JOB_STATE_COMPLETED);
  ASSERT_TRUE(Ended(1));
  EXPECT_THAT(effects_->ended_watches[1], IsOk());
}

TEST_F(WatchTest, UnknownJobEndsAtOnce) {
  OpenWatch(1, 99);
  EXPECT_THAT(effects_->ended_watches[1],
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("job 99")));
}

TEST_F(WatchTest, WithoutFollowEndsAfterWhatIsKnown) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  SendBulk("web01", kFirst, "first");
  OpenWatch(1, job, /*follow=*/false);
  SendBulk("web01", kFirst + 29, "second");
  EXPECT_EQ(Drain(1).output[0], "first");
  EXPECT_TRUE(Ended(1));
}

TEST_F(WatchTest, OneResponseIsInFlightAndChangesShareTheNext) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  OpenWatch(1, job);
  Report("web01", v1::TASK_STATE_RUNNING);
  SendBulk("web01", kFirst, "a");
  SendBulk("web01", kFirst + 25, "b");
  EXPECT_EQ(effects_->watched[1].size(), 1u);
  TakeOne(1);
  TakeOne(1);
  EXPECT_EQ(watched_[1].output[0], "ab");
  EXPECT_FALSE(TakeOne(1));
}

TEST_F(WatchTest, SmallNewsAreGatheredAndTheEndIsToldAtOnce) {
  Enroll({"web01", "web02", "web03"});
  ConnectAll();
  const uint64_t job = Start({"web01", "web02", "web03"});
  OpenWatch(1, job);
  Drain(1);
  Complete("web01");
  EXPECT_EQ(effects_->watched[1].size(), 1u) << "nothing came just before";
  TakeOne(1);
  Complete("web02");
  EXPECT_EQ(effects_->watched[1].size(), 0u);
  clock_.Advance(absl::Milliseconds(4));
  core_->OnTime();
  EXPECT_EQ(effects_->watched[1].size(), 0u);
  clock_.Advance(absl::Milliseconds(1));
  core_->OnTime();
  EXPECT_EQ(effects_->watched[1].size(), 1u);
  TakeOne(1);
  Complete("web03");
  EXPECT_EQ(effects_->watched[1].size(), 1u);
}

TEST_F(WatchTest, MuchOutputIsNotGathered) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  OpenWatch(1, job);
  Drain(1);
  SendBulk("web01", kFirst, std::string(100 << 10, 'x'));
  TakeOne(1);
  SendBulk("web01", kFirst + 24 + (100 << 10), "more");
  EXPECT_EQ(effects_->watched[1].size(), 1u);
}

TEST_F(WatchTest, ResumesBehindWhatItHas) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  SendBulk("web01", kFirst, "first");
  SendBulk("web01", kFirst + 29, "second");
  v1::TaskCursor cursor;
  cursor.set_task(0);
  cursor.set_attempt(1);
  cursor.set_position(kFirst + 29);
  OpenWatch(1, job, /*follow=*/true, {cursor});
  EXPECT_EQ(Drain(1).output[0], "second");
}

TEST_F(WatchTest, EqualOutputIsSentOnce) {
  std::vector<std::string> names;
  for (int i = 100; i < 200; ++i) names.push_back("web" + std::to_string(i));
  Enroll(names);
  ConnectAll();
  const uint64_t job = Start(names);
  OpenWatch(1, job);
  const std::string output(1000, 'x');
  for (const std::string& name : names) Complete(name, output);
  const Watched& watched = Drain(1);
  EXPECT_EQ(watched.same_as_count, 99u);
  for (uint32_t task = 0; task < names.size(); ++task) {
    EXPECT_EQ(watched.output.at(task), output);
  }
}

// Content that came too long ago is sent again: the other end has dropped it.
TEST_F(WatchTest, SameAsReachesBackNoFurtherThanTheWindow) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  OpenWatch(1, job);
  uint64_t position = kFirst;
  const auto send = [&](const std::string& data) {
    SendBulk("web01", position, data);
    position += 24 + data.size();
    Drain(1);
  };
  const std::string repeated(100, 'r');
  send(repeated);
  for (int i = 0; i < 256; ++i) send(std::string(100, 'x') + std::to_string(i));
  send(repeated);
  EXPECT_EQ(watched_[1].same_as_count, 0u);
  send(repeated);
  EXPECT_EQ(watched_[1].same_as_count, 1u);
}

TEST_F(WatchTest, StatusComesAfterTheOutput) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  std::string sent;
  uint64_t position = kFirst;
  for (int i = 0; i < 40; ++i) {
    const std::string data(60'000, static_cast<char>('a' + i % 26));
    SendBulk("web01", position, data);
    position += 24 + data.size();
    sent += data;
  }
  v1::AttemptReport end = MakeReport("web01", v1::TASK_STATE_COMPLETED);
  end.set_end_position(position);
  Report("web01", end);
  OpenWatch(1, job);
  while (TakeOne(1)) {
    if (watched_[1].statuses.contains(0)) {
      EXPECT_EQ(watched_[1].output[0].size(), sent.size());
    }
  }
  EXPECT_EQ(watched_[1].output[0], sent);
  EXPECT_TRUE(Ended(1));
}

TEST_F(WatchTest, StatesOnly) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  v1::WatchJobRequest request;
  request.mutable_job()->set_number(job);
  request.set_follow(true);
  core_->OpenWatch(1, "alice", request);
  Complete("web01", "output");
  EXPECT_EQ(Drain(1).output[0], "");
  EXPECT_EQ(watched_[1].statuses[0].stdout_bytes(), 6u);
  EXPECT_TRUE(Ended(1));
}

TEST_F(WatchTest, ClosedWatchIsForgotten) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  OpenWatch(1, job);
  core_->OnWatchClosed(1);
  effects_->watched[1].clear();
  Complete("web01", "output");
  EXPECT_TRUE(effects_->watched[1].empty());
}

TEST_F(WatchTest, OfflineTargetsAreShownFromTheStart) {
  Enroll({"web01"});
  Connect("web01");
  Disconnect("web01");
  const uint64_t job = Start({"web01"});
  OpenWatch(1, job);
  EXPECT_TRUE(Drain(1).statuses[0].offline());
  EXPECT_TRUE(watched_[1].statuses[0].has_link_lost_at());
}

}  // namespace
}  // namespace tutti::testing
