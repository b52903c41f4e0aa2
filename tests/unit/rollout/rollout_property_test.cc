// Rollouts in any order of events: what must hold at all times.
#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include "controller/rollout/rollout.h"

namespace tutti::controller {
namespace {

using ::testing::IsEmpty;

const absl::Time kStart = absl::FromUnixSeconds(1'767'225'600);

// What one task has been through in a random run.
enum class Fate {
  kNone,
  kStarted,
  kLost,
  kCompleted,
  kFailed,
  kExpired,
  kRefused,
  kSkipped
};

RolloutOptions RandomOptions(std::mt19937& random) {
  const auto chance = [&random](uint32_t one_in) {
    return random() % one_in == 0;
  };
  RolloutOptions options;
  options.fanout = random() % 5;
  if (chance(3)) {
    options.batch = 1 + random() % 5;
    options.batch_wait = absl::Seconds(random() % 3);
  }
  if (chance(4)) {
    options.start_interval = absl::Milliseconds(1 + random() % 2000);
  }
  if (chance(4)) options.quorum = 1 + random() % 5;
  if (chance(4)) {
    options.canary = 1 + random() % 3;
    options.canary_wait = absl::Seconds(random() % 3);
  }
  if (chance(4)) options.splay = absl::Seconds(1 + random() % 5);
  options.splay_seed = random();
  if (chance(3)) options.stop_after = 1 + random() % 4;
  if (chance(3)) options.max_failures = 1 + random() % 4;
  options.count_offline = chance(2);
  return options;
}

// A fleet that does what it likes, and checks of what must hold at all times.
class RandomRun {
 public:
  explicit RandomRun(uint32_t seed)
      : random_(seed),
        options_(RandomOptions(random_)),
        fates_(1 + seed % 23, Fate::kNone),
        offline_at_start_(fates_.size()),
        places_(RandomPlaces()),
        rollout_(options_, static_cast<uint32_t>(fates_.size())) {
    rollout_.SetLabelPlaces(places_);
    for (uint32_t task = 0; task < fates_.size(); ++task) {
      if (Chance(2)) {
        rollout_.AddOnline(task);
      } else {
        offline_at_start_[task] = true;
        rollout_.NoteOfflineAtStart(task);
        rollout_.AddOffline(task, Later());
      }
    }
  }

  void Step() {
    const uint32_t task = random_() % fates_.size();
    switch (random_() % 8) {
      case 6:
        Answer();
        break;
      case 0:
        rollout_.Connect(task);
        break;
      case 1:
        rollout_.Disconnect(task, Later());
        break;
      case 2:
        End(task, Chance(2) ? Fate::kCompleted : Fate::kFailed);
        break;
      case 3:
        Lose(task);
        break;
      case 4:
        SetHeld(Chance(3));
        break;
      case 5:
        now_ += absl::Milliseconds(random_() % 1500);
        break;
      default:
        break;
    }
    Take();
  }

  // Everybody comes online, nothing is held any more, and everything that is
  // to happen happens.
  void Drain(bool cancel) {
    if (cancel) SkipWaiting();
    cancelled_ = cancel;
    SetHeld(false);
    Take();
    for (size_t round = 0; round < 10 * fates_.size() + 10; ++round) {
      for (uint32_t task = 0; task < fates_.size(); ++task) {
        rollout_.Connect(task);
        Answer();
        End(task, Chance(4) ? Fate::kFailed : Fate::kCompleted);
      }
      if (rollout_.blocked()) {
        approved_ = true;
        rollout_.Approve();
      }
      Take();
      const absl::Time next =
          std::min(rollout_.NextStart(), rollout_.NextExpiry());
      if (next != absl::InfiniteFuture()) now_ = std::max(now_, next);
      Take();
    }
  }

  void CheckEnd() const {
    for (const Fate fate : fates_) {
      EXPECT_NE(fate, Fate::kNone);
      EXPECT_NE(fate, Fate::kStarted);
      EXPECT_NE(fate, Fate::kLost);
    }
    EXPECT_EQ(rollout_.in_flight(), 0u);
  }

 private:
  // Each task in one of a few racks.
  LabelPlaces RandomPlaces() {
    LabelPlaces places;
    if (Chance(2)) return places;
    places.limits.assign(1 + random_() % 4, 1 + random_() % 2);
    for (size_t task = 0; task < fates_.size(); ++task) {
      places.values.push_back(
          {static_cast<uint32_t>(random_() % places.limits.size())});
    }
    return places;
  }
  bool Chance(uint32_t one_in) { return random_() % one_in == 0; }
  absl::Time Later() { return now_ + absl::Seconds(random_() % 5); }
  void SetHeld(bool held) {
    held_ = held;
    rollout_.SetHeld(held);
  }
  size_t Count(Fate fate) const {
    return std::count(fates_.begin(), fates_.end(), fate);
  }

  size_t Failures() const {
    size_t failures =
        Count(Fate::kFailed) + Count(Fate::kLost) + Count(Fate::kRefused);
    for (size_t task = 0; task < fates_.size(); ++task) {
      if (fates_[task] == Fate::kExpired &&
          (options_.count_offline || !offline_at_start_[task])) {
        ++failures;
      }
    }
    return failures;
  }

  void End(uint32_t task, Fate fate) {
    if (fates_[task] != Fate::kStarted && fates_[task] != Fate::kLost) return;
    if (fates_[task] == Fate::kStarted) last_end_ = now_;
    fates_[task] = fate;
    rollout_.Finish(task, fate == Fate::kCompleted ? v1::TASK_STATE_COMPLETED
                                                   : v1::TASK_STATE_FAILED);
  }

  // Whoever is asked for the quorum says something, sooner or later.
  void Answer() {
    for (const uint32_t task : rollout_.TakeToAsk()) asked_.push_back(task);
    for (const uint32_t task : std::exchange(asked_, {})) {
      if (!rollout_.quorum().open() || fates_[task] != Fate::kNone) continue;
      if (Chance(6)) {
        fates_[task] = Fate::kRefused;
        rollout_.Finish(task, v1::TASK_STATE_REFUSED);
        Take();
      } else if (Chance(3)) {
        asked_.push_back(task);
      } else {
        rollout_.Accept(task);
      }
    }
  }

  void Lose(uint32_t task) {
    rollout_.Lose(task);
    if (fates_[task] != Fate::kStarted) return;
    fates_[task] = Fate::kLost;
    last_end_ = now_;
  }

  void EndWaiting(uint32_t task, Fate fate) {
    EXPECT_EQ(fates_[task], Fate::kNone) << "task " << task << " ends twice";
    fates_[task] = fate;
    rollout_.Finish(task, fate == Fate::kExpired ? v1::TASK_STATE_EXPIRED
                                                 : v1::TASK_STATE_SKIPPED);
  }

  void SkipWaiting() {
    for (const uint32_t task : rollout_.TakeAllWaiting()) {
      EndWaiting(task, Fate::kSkipped);
    }
  }

  // As the core does after each event.
  void Take() {
    for (const uint32_t task : rollout_.TakeExpired(now_)) {
      EndWaiting(task, Fate::kExpired);
    }
    const bool was_over = rollout_.limit_reached() != Limit::kNone;
    const std::vector<uint32_t> started = rollout_.TakeStartable(now_);
    if (held_ || was_over || !rollout_.quorum().reached()) {
      EXPECT_THAT(started, IsEmpty());
    }
    for (const uint32_t task : started) Start(task);
    EXPECT_GT(rollout_.NextStart(), now_);
    if (rollout_.limit_reached() != Limit::kNone) SkipWaiting();
    CheckLimits();
  }

  void Start(uint32_t task) {
    EXPECT_EQ(fates_[task], Fate::kNone) << "task " << task << " starts twice";
    if (starts_.size() >= options_.canary && options_.canary != 0) {
      CheckCanary();
    }
    const size_t in_batches =
        starts_.size() - std::min<size_t>(starts_.size(), options_.canary);
    if (options_.batch != 0 && in_batches % options_.batch == 0 &&
        in_batches > 0) {
      EXPECT_EQ(Count(Fate::kStarted), 0u) << "the last batch still runs";
      EXPECT_GE(now_, last_end_ + options_.batch_wait);
    }
    fates_[task] = Fate::kStarted;
    starts_.push_back(now_);
    if (starts_.size() > 1 && options_.start_interval > absl::ZeroDuration()) {
      EXPECT_GE(now_ - starts_[starts_.size() - 2],
                options_.start_interval - StartPace::kCatchUp);
    }
  }

  // Something starts behind the canary: all of that has ended, well or with
  // approval.
  void CheckCanary() {
    if (canary_passed_) return;
    canary_passed_ = true;
    EXPECT_EQ(Count(Fate::kStarted), 0u);
    if (!approved_) {
      EXPECT_EQ(Count(Fate::kCompleted), options_.canary);
      EXPECT_GE(now_, last_end_ + options_.canary_wait);
    }
  }

  size_t RunningIn(size_t value) const {
    size_t running = 0;
    for (size_t task = 0; task < fates_.size(); ++task) {
      running += fates_[task] == Fate::kStarted &&
                 places_.values[task].front() == value;
    }
    return running;
  }

  void CheckLimits() const {
    const size_t running = Count(Fate::kStarted);
    for (size_t value = 0; value < places_.limits.size(); ++value) {
      EXPECT_LE(RunningIn(value), places_.limits[value]);
    }
    EXPECT_GE(rollout_.in_flight(), running);
    if (options_.fanout != 0) {
      EXPECT_LE(rollout_.in_flight(), options_.fanout);
    }
    if (options_.max_failures != 0) {
      EXPECT_LE(Failures() + running, options_.max_failures);
    }
    const bool over =
        (options_.max_failures != 0 && Failures() >= options_.max_failures) ||
        (options_.stop_after != 0 && Failures() >= options_.stop_after);
    if (over && !cancelled_) {
      EXPECT_NE(rollout_.limit_reached(), Limit::kNone);
      EXPECT_EQ(Count(Fate::kNone), 0u);
    }
  }

  std::mt19937 random_;
  const RolloutOptions options_;
  std::vector<Fate> fates_;
  std::vector<bool> offline_at_start_;
  const LabelPlaces places_;
  Rollout rollout_;
  // Those that have not answered yet.
  std::vector<uint32_t> asked_;
  absl::Time now_ = kStart;
  absl::Time last_end_ = absl::InfinitePast();
  std::vector<absl::Time> starts_;
  bool held_ = false;
  bool cancelled_ = false;
  bool canary_passed_ = false;
  bool approved_ = false;
};

TEST(RolloutPropertyTest, EveryTaskEndsOnceAndEveryLimitHolds) {
  for (uint32_t seed = 0; seed < 2000; ++seed) {
    SCOPED_TRACE(seed);
    RandomRun run(seed);
    for (int step = 0; step < 200; ++step) run.Step();
    run.Drain(seed % 3 == 0);
    run.CheckEnd();
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace tutti::controller
