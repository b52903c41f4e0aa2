#include "controller/rollout/rollout.h"

#include <gmock/gmock.h>

#include <random>
#include <set>

namespace tutti::controller {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1'767'225'600);

TEST(RolloutTest, StartsInOrderUpToTheFanout) {
  Rollout rollout(2, 4);
  for (uint32_t task = 0; task < 4; ++task) rollout.AddOnline(task);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(0, 1));
  EXPECT_THAT(rollout.TakeStartable(kNow), IsEmpty());
  rollout.Leave(1);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(2));
}

TEST(RolloutTest, NoLimitStartsEverybody) {
  Rollout rollout(0, 3);
  for (uint32_t task = 0; task < 3; ++task) rollout.AddOnline(task);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(0, 1, 2));
}

TEST(RolloutTest, HeldStartsNothingUntilReleased) {
  Rollout rollout(0, 1);
  rollout.AddOnline(0);
  rollout.SetHeld(true);
  EXPECT_THAT(rollout.TakeStartable(kNow), IsEmpty());
  rollout.SetHeld(false);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(0));
}

TEST(RolloutTest, AbsentTargetTakesNoPlaceAndExpires) {
  Rollout rollout(1, 2);
  rollout.AddOffline(0, kNow + absl::Seconds(30));
  rollout.AddOnline(1);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(1));
  EXPECT_EQ(rollout.NextDeadline(), kNow + absl::Seconds(30));
  EXPECT_THAT(rollout.TakeExpired(kNow + absl::Seconds(29)), IsEmpty());
  EXPECT_THAT(rollout.TakeExpired(kNow + absl::Seconds(30)), ElementsAre(0));
  EXPECT_EQ(rollout.NextDeadline(), absl::InfiniteFuture());
}

TEST(RolloutTest, TargetThatComesInTimeStarts) {
  Rollout rollout(0, 1);
  rollout.AddOffline(0, kNow + absl::Seconds(30));
  rollout.Connect(0);
  EXPECT_THAT(rollout.TakeExpired(kNow + absl::Hours(1)), IsEmpty());
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(0));
}

// A host that reboots while it waits for its turn must not be given up before
// its turn has come.
TEST(RolloutTest, GoingOfflineBeforeTheTurnCountsOnlyAtTheTurn) {
  Rollout rollout(1, 2);
  rollout.AddOnline(0);
  rollout.AddOnline(1);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(0));
  rollout.Disconnect(1, kNow + absl::Seconds(30));
  EXPECT_THAT(rollout.TakeExpired(kNow + absl::Hours(1)), IsEmpty());
  rollout.Leave(0);
  const absl::Time later = kNow + absl::Hours(1);
  EXPECT_THAT(rollout.TakeStartable(later), IsEmpty());
  EXPECT_THAT(rollout.TakeExpired(later), ElementsAre(1));
}

TEST(RolloutTest, TaskThatIsLostAndThenFinalFreesOnePlace) {
  Rollout rollout(1, 3);
  for (uint32_t task = 0; task < 3; ++task) rollout.AddOnline(task);
  rollout.TakeStartable(kNow);
  rollout.Leave(0);
  rollout.Leave(0);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(1));
}

// What one task has been through in a random run.
enum class Fate { kNone, kStarted, kLeft, kExpired, kCancelled };

// A fleet that does what it likes, and checks of what must hold at all times.
class RandomRun {
 public:
  RandomRun(uint32_t seed, uint32_t fanout, uint32_t tasks)
      : random_(seed),
        fanout_(fanout),
        rollout_(fanout, tasks),
        fates_(tasks, Fate::kNone) {
    for (uint32_t task = 0; task < tasks; ++task) {
      if (Chance(2)) {
        rollout_.AddOnline(task);
      } else {
        rollout_.AddOffline(task, Later());
      }
    }
  }

  void Step() {
    const uint32_t task = random_() % fates_.size();
    switch (random_() % 6) {
      case 0:
        rollout_.Connect(task);
        break;
      case 1:
        rollout_.Disconnect(task, Later());
        break;
      case 2:
        Leave(task);
        break;
      case 3:
        SetHeld(Chance(3));
        break;
      case 4:
        now_ += absl::Seconds(1);
        break;
      default:
        break;
    }
    Take();
  }

  // Everybody comes online and nothing is held any more.
  void Drain(bool cancel) {
    if (cancel) {
      for (uint32_t task : rollout_.TakeAllWaiting()) {
        Enter(task, Fate::kCancelled);
      }
    }
    SetHeld(false);
    for (size_t round = 0; round <= fates_.size(); ++round) {
      for (uint32_t task = 0; task < fates_.size(); ++task) {
        rollout_.Connect(task);
        Leave(task);
      }
      Take();
    }
  }

  const std::vector<Fate>& fates() const { return fates_; }
  const Rollout& rollout() const { return rollout_; }

 private:
  bool Chance(uint32_t one_in) { return random_() % one_in == 0; }
  absl::Time Later() { return now_ + absl::Seconds(random_() % 5); }
  void SetHeld(bool held) {
    held_ = held;
    rollout_.SetHeld(held);
  }

  void Leave(uint32_t task) {
    rollout_.Leave(task);
    if (fates_[task] != Fate::kStarted) return;
    fates_[task] = Fate::kLeft;
    --running_;
  }

  void Enter(uint32_t task, Fate fate) {
    EXPECT_EQ(fates_[task], Fate::kNone) << "task " << task << " ends twice";
    fates_[task] = fate;
  }

  void Take() {
    for (uint32_t task : rollout_.TakeExpired(now_)) {
      Enter(task, Fate::kExpired);
    }
    const std::vector<uint32_t> started = rollout_.TakeStartable(now_);
    if (held_) {
      EXPECT_THAT(started, IsEmpty());
    }
    for (uint32_t task : started) {
      Enter(task, Fate::kStarted);
      ++running_;
    }
    EXPECT_EQ(rollout_.in_flight(), running_);
    if (fanout_ != 0) {
      EXPECT_LE(running_, fanout_);
    }
  }

  std::mt19937 random_;
  const uint32_t fanout_;
  Rollout rollout_;
  std::vector<Fate> fates_;
  absl::Time now_ = kNow;
  uint32_t running_ = 0;
  bool held_ = false;
};

TEST(RolloutPropertyTest, EveryTaskEndsOnceAndTheFanoutHolds) {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    RandomRun run(seed, seed % 5, 1 + seed % 23);
    for (int step = 0; step < 200; ++step) run.Step();
    run.Drain(seed % 3 == 0);
    for (Fate fate : run.fates()) {
      EXPECT_NE(fate, Fate::kNone);
      EXPECT_NE(fate, Fate::kStarted);
    }
    EXPECT_EQ(run.rollout().in_flight(), 0u);
  }
}

}  // namespace
}  // namespace tutti::controller
