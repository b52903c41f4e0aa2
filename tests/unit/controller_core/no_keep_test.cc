// Jobs of which nothing is kept once it was shown.
#include "tests/unit/controller_core/core_fixture.h"

namespace tutti::testing {
namespace {

using ::testing::IsEmpty;

class NoKeepTest : public CoreFixture {
 protected:
  NoKeepTest() {
    Enroll({"web01"});
    ConnectAll();
    controller::PreparedJob job = Prepare({"web01"});
    job.opened.spec.set_no_keep(true);
    SetTargets({"web01"}, job);
    job_ = Start(std::move(job));
  }

  // A job of which a target sends no more than is read.
  void StartFetch() {
    controller::PreparedJob job = Prepare({"web01"}, 2);
    job.opened.spec.mutable_fetch()->add_paths("/etc/hosts");
    job.opened.spec.set_no_keep(true);
    SetTargets({"web01"}, job);
    job_ = Start(std::move(job));
    Report("web01", v1::TASK_STATE_RUNNING);
    TakeDirectives("web01");
  }
  // Whether its target was told to end it since the last call.
  bool WasEnded() {
    const auto told = TakeDirectives("web01");
    return !told.empty() && told.back().desired() == v1::DESIRED_STATE_STOP;
  }

  void Say(const std::string& data) {
    v1::AttemptReport report = MakeReport("web01", v1::TASK_STATE_RUNNING);
    AddOutput(report, position_, data);
    position_ += data.size() + 24;
    report.set_end_position(position_);
    Report("web01", std::move(report));
    Advance(absl::Milliseconds(10));
  }
  uint64_t Gone() { return GetTask(job_).evicted_bytes(); }

  uint64_t job_ = 0;
  uint64_t position_ = kFirst;
};

// If this fails, a tail that is followed for days fills the memory.
TEST_F(NoKeepTest, OutputGoesOnceTheReaderHasIt) {
  OpenWatch(1, job_);
  Say("one\n");
  EXPECT_EQ(Drain(1).output[0], "one\n");
  EXPECT_EQ(Gone(), 4u);
  Say("two\n");
  EXPECT_EQ(Drain(1).output[0], "one\ntwo\n");
  EXPECT_EQ(Gone(), 8u);
}

TEST_F(NoKeepTest, ItWaitsForTheFirstReader) {
  Say("one\n");
  Say("two\n");
  EXPECT_EQ(Gone(), 0u);
  OpenWatch(1, job_, /*follow=*/false);
  EXPECT_EQ(Drain(1).output[0], "one\ntwo\n");
  EXPECT_EQ(Gone(), 8u);
}

TEST_F(NoKeepTest, TheSlowestReaderDecides) {
  OpenWatch(1, job_);
  Drain(1);
  // Is never ready for a second response.
  OpenWatch(2, job_);
  Say("one\n");
  Say("two\n");
  EXPECT_EQ(Drain(1).output[0], "one\ntwo\n");
  EXPECT_LT(Gone(), 8u);
  core_->OnWatchClosed(2);
  EXPECT_EQ(Gone(), 8u);
}

// If this fails, what a slow operator fetches is lost on the way.
TEST_F(NoKeepTest, AFetchComesNoFasterThanItIsRead) {
  StartFetch();
  OpenWatch(1, job_);
  const std::string data(300 << 10, 'x');
  uint64_t credit = 0;
  // The reader takes one response and no more.
  while (position_ < (4 << 20)) {
    SendBulk("web01", position_, data);
    position_ += data.size() + 24;
    Advance(absl::Milliseconds(20));
    const auto& credits = effects_->credits[session("web01")];
    ASSERT_FALSE(credits.empty());
    const v1::AttemptDirective& told = credits.back().attempts(0);
    credit = told.credit_position();
    EXPECT_EQ(told.acknowledged_position(), position_);
    if (credit == position_) break;
  }
  EXPECT_EQ(credit, position_);
  EXPECT_LT(position_, 2u << 20);
  Drain(1);
  const auto told = TakeDirectives("web01");
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.back().credit_position(), position_ + (1 << 20));
}

// Whose CLI is gone would wait until its deadline, and hold its fan-out.
TEST_F(NoKeepTest, AFetchThatNobodyReadsIsEnded) {
  StartFetch();
  OpenWatch(1, job_);
  Advance(absl::Minutes(5));
  EXPECT_FALSE(WasEnded());
  core_->OnWatchClosed(1);
  Advance(absl::Seconds(59));
  EXPECT_FALSE(WasEnded());
  Advance(absl::Seconds(2));
  EXPECT_TRUE(WasEnded());
  Report("web01", v1::TASK_STATE_STOPPED);
  EXPECT_EQ(GetTask(job_).attempt().outcome().reason(),
            "nobody reads what it sends");
}

TEST_F(NoKeepTest, AReaderOfAFetchMayComeBackWithinAMinute) {
  StartFetch();
  OpenWatch(1, job_);
  core_->OnWatchClosed(1);
  Advance(absl::Seconds(30));
  OpenWatch(2, job_);
  Advance(absl::Seconds(20));
  core_->OnWatchClosed(2);
  // The minute begins again.
  Advance(absl::Seconds(30));
  EXPECT_FALSE(WasEnded());
  OpenWatch(3, job_);
  Advance(absl::Minutes(5));
  EXPECT_FALSE(WasEnded());
}

TEST_F(NoKeepTest, AFetchWhoseReaderNeverCameIsEnded) {
  StartFetch();
  Advance(absl::Seconds(61));
  EXPECT_TRUE(WasEnded());
}

TEST_F(NoKeepTest, AFetchIsEndedWhenNobodyReadsItAfterARestart) {
  StartFetch();
  OpenWatch(1, job_);
  Restart();
  Connect("web01", {MakeReport("web01", v1::TASK_STATE_RUNNING)});
  Advance(absl::Seconds(61));
  EXPECT_TRUE(WasEnded());
  // The reason outlives the controller as well.
  Restart();
  Connect("web01", {MakeReport("web01", v1::TASK_STATE_RUNNING)});
  Report("web01", v1::TASK_STATE_STOPPED);
  EXPECT_EQ(GetTask(job_).attempt().outcome().reason(),
            "nobody reads what it sends");
}

// Its output is dropped, but it does what it is for.
TEST_F(NoKeepTest, ACommandThatNobodyReadsGoesOn) {
  Report("web01", v1::TASK_STATE_RUNNING);
  OpenWatch(1, job_);
  core_->OnWatchClosed(1);
  TakeDirectives("web01");
  Advance(absl::Minutes(5));
  EXPECT_FALSE(WasEnded());
}

// The target has given it away: asking would only take time.
TEST_F(NoKeepTest, ALaterReaderHearsHowMuchIsGoneAndNobodyIsAsked) {
  OpenWatch(1, job_);
  Say("one\n");
  Drain(1);
  core_->OnWatchClosed(1);
  Say("two\n");
  OpenWatch(2, job_, /*follow=*/false);
  EXPECT_EQ(Drain(2).output[0], "<4 missing>two\n");
  EXPECT_THAT(TakeFetches("web01"), IsEmpty());
}

}  // namespace
}  // namespace tutti::testing
