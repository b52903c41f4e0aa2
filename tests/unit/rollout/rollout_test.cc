#include "controller/rollout/rollout.h"

#include <gmock/gmock.h>

namespace tutti::controller {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1'767'225'600);

void AddOnline(Rollout& rollout, uint32_t tasks) {
  for (uint32_t task = 0; task < tasks; ++task) rollout.AddOnline(task);
}

TEST(RolloutTest, StartsInOrderUpToTheFanout) {
  Rollout rollout({.fanout = 2}, 4);
  AddOnline(rollout, 4);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(0, 1));
  EXPECT_THAT(rollout.TakeStartable(kNow), IsEmpty());
  rollout.Finish(1, v1::TASK_STATE_COMPLETED);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(2));
}

TEST(RolloutTest, NoLimitStartsEverybody) {
  Rollout rollout({.fanout = 0}, 3);
  AddOnline(rollout, 3);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(0, 1, 2));
}

TEST(RolloutTest, HeldStartsNothingUntilReleased) {
  Rollout rollout({.fanout = 0}, 1);
  rollout.AddOnline(0);
  rollout.SetHeld(true);
  EXPECT_THAT(rollout.TakeStartable(kNow), IsEmpty());
  rollout.SetHeld(false);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(0));
}

TEST(RolloutTest, AbsentTargetTakesNoPlaceAndExpires) {
  Rollout rollout({.fanout = 1}, 2);
  rollout.AddOffline(0, kNow + absl::Seconds(30));
  rollout.AddOnline(1);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(1));
  EXPECT_EQ(rollout.NextExpiry(), kNow + absl::Seconds(30));
  EXPECT_THAT(rollout.TakeExpired(kNow + absl::Seconds(29)), IsEmpty());
  EXPECT_THAT(rollout.TakeExpired(kNow + absl::Seconds(30)), ElementsAre(0));
  EXPECT_EQ(rollout.NextExpiry(), absl::InfiniteFuture());
}

TEST(RolloutTest, TargetThatComesInTimeStarts) {
  Rollout rollout({.fanout = 0}, 1);
  rollout.AddOffline(0, kNow + absl::Seconds(30));
  rollout.Connect(0);
  EXPECT_THAT(rollout.TakeExpired(kNow + absl::Hours(1)), IsEmpty());
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(0));
}

// A host that reboots while it waits for its turn must not be given up before
// its turn has come.
TEST(RolloutTest, GoingOfflineBeforeTheTurnCountsOnlyAtTheTurn) {
  Rollout rollout({.fanout = 1}, 2);
  rollout.AddOnline(0);
  rollout.AddOnline(1);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(0));
  rollout.Disconnect(1, kNow + absl::Seconds(30));
  EXPECT_THAT(rollout.TakeExpired(kNow + absl::Hours(1)), IsEmpty());
  rollout.Finish(0, v1::TASK_STATE_COMPLETED);
  const absl::Time later = kNow + absl::Hours(1);
  EXPECT_THAT(rollout.TakeStartable(later), IsEmpty());
  EXPECT_THAT(rollout.TakeExpired(later), ElementsAre(1));
}

TEST(RolloutTest, TaskThatIsLostAndThenFinalFreesOnePlace) {
  Rollout rollout({.fanout = 1}, 3);
  AddOnline(rollout, 3);
  rollout.TakeStartable(kNow);
  rollout.Lose(0);
  rollout.Finish(0, v1::TASK_STATE_COMPLETED);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(1));
  EXPECT_THAT(rollout.TakeStartable(kNow), IsEmpty());
}

// If this fails, a rack loses more hosts at once than were allowed, or hosts of
// other racks wait for it.
TEST(RolloutTest, WhoseRackIsFullIsPassedOver) {
  Rollout rollout({.fanout = 3}, 5);
  rollout.SetLabelPlaces(
      {.limits = {1, 1}, .values = {{0}, {0}, {0}, {1}, {1}}});
  AddOnline(rollout, 5);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(0, 3));
  EXPECT_EQ(rollout.NextStart(), absl::InfiniteFuture());
  rollout.Finish(3, v1::TASK_STATE_COMPLETED);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(4));
  rollout.Lose(0);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(1));
  // Any number of one rack.
  rollout.SetLabelPlaces({});
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(2));
}

// If this fails, a job of a large fleet holds up all others: this takes some
// milliseconds, and minutes when each start looks at everybody who waits.
TEST(RolloutTest, AThousandRacksCostNoMoreThanOne) {
  constexpr uint32_t kTasks = 100'000;
  constexpr uint32_t kRacks = 1000;
  Rollout rollout({}, kTasks);
  LabelPlaces places;
  places.limits.assign(kRacks, 1);
  for (uint32_t task = 0; task < kTasks; ++task) {
    places.values.push_back({task % kRacks});
  }
  rollout.SetLabelPlaces(places);
  AddOnline(rollout, kTasks);
  std::vector<uint32_t> started = rollout.TakeStartable(kNow);
  EXPECT_EQ(started.size(), kRacks);
  for (size_t ended = 0; ended < started.size(); ++ended) {
    rollout.Finish(started[ended], v1::TASK_STATE_COMPLETED);
    for (const uint32_t task : rollout.TakeStartable(kNow)) {
      started.push_back(task);
    }
  }
  EXPECT_EQ(started.size(), kTasks);
}

TEST(RolloutTest, WhatWasInFlightBeforeARestartHasItsPlaceInTheRack) {
  Rollout rollout({}, 3);
  rollout.AddInFlight(1);
  rollout.SetLabelPlaces({.limits = {1}, .values = {{0}, {0}, {0}}});
  rollout.AddOnline(0);
  EXPECT_THAT(rollout.TakeStartable(kNow), IsEmpty());
  rollout.Finish(1, v1::TASK_STATE_FAILED);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(0));
}

// If this fails, some hosts of a change start that not enough of them take.
TEST(RolloutTest, NothingStartsBeforeTheQuorum) {
  Rollout rollout({.fanout = 2, .quorum = 2}, 3);
  AddOnline(rollout, 3);
  EXPECT_THAT(rollout.TakeToAsk(), ElementsAre(0, 1, 2));
  rollout.Accept(1);
  EXPECT_THAT(rollout.TakeStartable(kNow), IsEmpty());
  rollout.Accept(2);
  // In their order, also those that have not answered.
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(0, 1));
  rollout.Finish(0, v1::TASK_STATE_REFUSED);
  EXPECT_EQ(rollout.limit_reached(), Limit::kNone);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(2));
}

// If this fails, a job waits for ever for a host that has gone.
TEST(RolloutTest, WhoGoesOfflineBeforeTheQuorumIsGivenUp) {
  Rollout rollout({.quorum = 2}, 2);
  AddOnline(rollout, 2);
  rollout.TakeToAsk();
  rollout.Accept(0);
  rollout.Disconnect(1, kNow + absl::Seconds(30));
  EXPECT_EQ(rollout.NextExpiry(), kNow + absl::Seconds(30));
  EXPECT_THAT(rollout.TakeExpired(kNow + absl::Seconds(30)), ElementsAre(1));
  rollout.Finish(1, v1::TASK_STATE_EXPIRED);
  EXPECT_EQ(rollout.limit_reached(), Limit::kQuorum);
  EXPECT_THAT(rollout.TakeAllWaiting(), ElementsAre(0));
}

TEST(RolloutTest, AQuorumThatWasReachedBeforeARestartStaysSo) {
  Rollout rollout({.quorum = 2}, 2);
  rollout.NoteStarted();
  rollout.AddFinal(0, v1::TASK_STATE_COMPLETED);
  rollout.AddOnline(1);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(1));
}

TEST(RolloutTest, NextBatchStartsWhenTheLastIsDoneAndThePauseOver) {
  Rollout rollout({.batch = 2, .batch_wait = absl::Seconds(30)}, 5);
  AddOnline(rollout, 5);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(0, 1));
  rollout.Finish(1, v1::TASK_STATE_COMPLETED);
  EXPECT_THAT(rollout.TakeStartable(kNow), IsEmpty());
  EXPECT_EQ(rollout.NextStart(), absl::InfiniteFuture());
  rollout.Lose(0);
  EXPECT_THAT(rollout.TakeStartable(kNow), IsEmpty());
  const absl::Time next = kNow + absl::Seconds(30);
  EXPECT_EQ(rollout.NextStart(), next);
  EXPECT_THAT(rollout.TakeStartable(next - absl::Seconds(1)), IsEmpty());
  EXPECT_THAT(rollout.TakeStartable(next), ElementsAre(2, 3));
  EXPECT_EQ(rollout.NextStart(), absl::InfiniteFuture());
}

// If this fails, a controller that is started again in the middle of a batch
// starts more than a batch.
TEST(RolloutTest, BatchThatWasBegunBeforeARestartCountsAsFull) {
  Rollout rollout({.batch = 2, .batch_wait = absl::Seconds(30)}, 4);
  rollout.AddFinal(0, v1::TASK_STATE_COMPLETED);
  rollout.AddInFlight(1);
  rollout.AddOnline(2);
  rollout.AddOnline(3);
  EXPECT_THAT(rollout.TakeStartable(kNow), IsEmpty());
  rollout.Finish(1, v1::TASK_STATE_COMPLETED);
  EXPECT_THAT(rollout.TakeStartable(kNow), IsEmpty());
  EXPECT_THAT(rollout.TakeStartable(kNow + absl::Seconds(30)),
              ElementsAre(2, 3));
}

TEST(RolloutTest, StartRateLetsOneGoAtATime) {
  Rollout rollout({.start_interval = absl::Seconds(20)}, 3);
  AddOnline(rollout, 3);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(0));
  EXPECT_EQ(rollout.NextStart(), kNow + absl::Seconds(20));
  EXPECT_THAT(rollout.TakeStartable(kNow + absl::Seconds(19)), IsEmpty());
  EXPECT_THAT(rollout.TakeStartable(kNow + absl::Seconds(20)), ElementsAre(1));
  // What was not used is not made up for.
  EXPECT_THAT(rollout.TakeStartable(kNow + absl::Hours(1)), ElementsAre(2));
}

TEST(RolloutTest, StartRateIsKeptByACallerThatIsAMomentLate) {
  const absl::Duration interval = absl::Milliseconds(1);
  Rollout rollout({.start_interval = interval}, 100);
  AddOnline(rollout, 100);
  rollout.TakeStartable(kNow);
  EXPECT_THAT(rollout.TakeStartable(kNow + 4 * interval),
              ElementsAre(1, 2, 3, 4));
}

TEST(RolloutTest, SplayPutsEachStartOffByAPartOfIt) {
  const absl::Duration splay = absl::Seconds(30);
  Rollout rollout({.splay = splay, .splay_seed = 7}, 100);
  AddOnline(rollout, 100);
  size_t started = rollout.TakeStartable(kNow).size();
  EXPECT_EQ(rollout.in_flight(), 100u);
  started += rollout.TakeStartable(kNow + splay / 2).size();
  EXPECT_GT(started, 30u);
  EXPECT_LT(started, 70u);
  EXPECT_LT(rollout.NextStart(), kNow + splay);
  started += rollout.TakeStartable(kNow + splay).size();
  EXPECT_EQ(started, 100u);
}

// A host that reboots while its start is put off must not be given up.
TEST(RolloutTest, GoingOfflineDuringTheSplayCountsOnlyAtItsEnd) {
  const absl::Duration splay = absl::Seconds(30);
  Rollout rollout({.splay = splay}, 1);
  AddOnline(rollout, 1);
  rollout.TakeStartable(kNow);
  rollout.Disconnect(0, kNow);
  EXPECT_THAT(rollout.TakeExpired(kNow), IsEmpty());
  rollout.Connect(0);
  EXPECT_THAT(rollout.TakeStartable(kNow + splay), ElementsAre(0));
}

TEST(RolloutTest, StopAfterLetsWhatIsInFlightGoOn) {
  Rollout rollout({.fanout = 3, .stop_after = 2}, 9);
  AddOnline(rollout, 9);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(0, 1, 2));
  rollout.Finish(0, v1::TASK_STATE_FAILED);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(3));
  EXPECT_EQ(rollout.limit_reached(), Limit::kNone);
  rollout.Finish(1, v1::TASK_STATE_TIMED_OUT);
  EXPECT_EQ(rollout.limit_reached(), Limit::kStopAfter);
  EXPECT_THAT(rollout.TakeStartable(kNow), IsEmpty());
  EXPECT_THAT(rollout.TakeAllWaiting(), ElementsAre(4, 5, 6, 7, 8));
  EXPECT_THAT(rollout.TakeAllWaiting(), IsEmpty());
  EXPECT_EQ(rollout.in_flight(), 2u);
}

TEST(RolloutTest, MaxFailuresCountsWhatIsInFlight) {
  Rollout rollout({.max_failures = 3}, 9);
  AddOnline(rollout, 9);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(0, 1, 2));
  rollout.Finish(0, v1::TASK_STATE_COMPLETED);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(3));
  rollout.Finish(1, v1::TASK_STATE_REFUSED);
  EXPECT_THAT(rollout.TakeStartable(kNow), IsEmpty());
  rollout.Lose(2);
  EXPECT_EQ(rollout.limit_reached(), Limit::kNone);
  // What is back after all gives its failure back.
  rollout.Finish(2, v1::TASK_STATE_COMPLETED);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(4));
  rollout.Finish(3, v1::TASK_STATE_FAILED);
  rollout.Finish(4, v1::TASK_STATE_FAILED);
  EXPECT_EQ(rollout.limit_reached(), Limit::kMaxFailures);
}

// If this fails, a rack that goes dark while it waits for its turn costs more
// failures than were allowed.
TEST(RolloutTest, TargetsThatAreGivenUpDoNotOvershootMaxFailures) {
  Rollout rollout({.max_failures = 2}, 5);
  AddOnline(rollout, 5);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(0, 1));
  for (uint32_t task = 2; task < 5; ++task) rollout.Disconnect(task, kNow);
  rollout.Finish(0, v1::TASK_STATE_COMPLETED);
  EXPECT_THAT(rollout.TakeStartable(kNow), IsEmpty());
  EXPECT_THAT(rollout.TakeExpired(kNow), ElementsAre(2));
  rollout.Finish(2, v1::TASK_STATE_EXPIRED);
  rollout.Finish(1, v1::TASK_STATE_COMPLETED);
  EXPECT_THAT(rollout.TakeExpired(kNow), ElementsAre(3));
  EXPECT_EQ(rollout.limit_reached(), Limit::kMaxFailures);
  EXPECT_THAT(rollout.TakeExpired(kNow), IsEmpty());
  EXPECT_THAT(rollout.TakeAllWaiting(), ElementsAre(4));
}

TEST(RolloutTest, TargetsThatWereOfflineFromTheStartCountOnlyWhenAsked) {
  for (const bool count : {false, true}) {
    Rollout rollout({.max_failures = 1, .count_offline = count}, 3);
    for (uint32_t task = 0; task < 2; ++task) {
      rollout.NoteOfflineAtStart(task);
      rollout.AddOffline(task, kNow);
    }
    rollout.AddOnline(2);
    EXPECT_EQ(rollout.TakeExpired(kNow).size(), count ? 1u : 2u);
    EXPECT_EQ(rollout.limit_reached(),
              count ? Limit::kMaxFailures : Limit::kNone);
    EXPECT_EQ(rollout.TakeStartable(kNow).size(), count ? 0u : 1u);
  }
}

TEST(RolloutTest, FailuresOfBeforeARestartCount) {
  Rollout rollout({.max_failures = 3}, 9);
  rollout.AddFinal(0, v1::TASK_STATE_FAILED);
  rollout.AddFinal(1, v1::TASK_STATE_SKIPPED);
  rollout.AddInFlight(2);
  for (uint32_t task = 3; task < 9; ++task) rollout.AddOnline(task);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(3));
}

TEST(RolloutTest, OthersFollowACanaryThatCompletedAfterThePause) {
  Rollout rollout({.batch = 2, .canary = 1, .canary_wait = absl::Minutes(10)},
                  5);
  AddOnline(rollout, 5);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(0));
  EXPECT_FALSE(rollout.MayApprove());
  rollout.Finish(0, v1::TASK_STATE_COMPLETED);
  EXPECT_THAT(rollout.TakeStartable(kNow), IsEmpty());
  EXPECT_FALSE(rollout.blocked());
  EXPECT_EQ(rollout.NextStart(), kNow + absl::Minutes(10));
  EXPECT_THAT(rollout.TakeStartable(kNow + absl::Minutes(10)),
              ElementsAre(1, 2));
}

TEST(RolloutTest, CanaryThatDidNotCompleteBlocksUntilItIsApproved) {
  for (const bool lost : {false, true}) {
    Rollout rollout({.canary = 2}, 5);
    AddOnline(rollout, 5);
    EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(0, 1));
    if (lost) {
      rollout.Lose(0);
    } else {
      rollout.Finish(0, v1::TASK_STATE_FAILED);
    }
    EXPECT_FALSE(rollout.blocked());
    rollout.Finish(1, v1::TASK_STATE_COMPLETED);
    EXPECT_THAT(rollout.TakeStartable(kNow + absl::Hours(1)), IsEmpty());
    EXPECT_TRUE(rollout.blocked());
    EXPECT_EQ(rollout.NextStart(), absl::InfiniteFuture());
    rollout.Approve();
    EXPECT_FALSE(rollout.blocked());
    EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(2, 3, 4));
  }
}

// A canary of hosts that did nothing would prove nothing.
TEST(RolloutTest, OneThatIsSkippedOnItsTargetGivesItsPlaceToTheNext) {
  Rollout rollout({.batch = 2, .canary = 1}, 6);
  AddOnline(rollout, 6);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(0));
  rollout.Finish(0, v1::TASK_STATE_SKIPPED);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(1));
  rollout.Finish(1, v1::TASK_STATE_COMPLETED);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(2, 3));
  rollout.Finish(2, v1::TASK_STATE_SKIPPED);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(4));
  EXPECT_FALSE(rollout.blocked());
}

// If this fails, a controller that is started again lets a job go on whose
// canary failed, or has one approved of twice.
TEST(RolloutTest, CanaryIsKnownAfterARestart) {
  Rollout blocked({.canary = 2}, 4);
  blocked.AddFinal(0, v1::TASK_STATE_FAILED);
  blocked.AddFinal(1, v1::TASK_STATE_COMPLETED);
  blocked.AddOnline(2);
  blocked.AddOnline(3);
  EXPECT_THAT(blocked.TakeStartable(kNow), IsEmpty());
  EXPECT_TRUE(blocked.blocked());
  Rollout passed({.canary = 1}, 4);
  passed.AddFinal(0, v1::TASK_STATE_FAILED);
  passed.AddInFlight(1);
  passed.AddOnline(2);
  EXPECT_THAT(passed.TakeStartable(kNow), ElementsAre(2));
}

// At every fan-out, and with everything in flight ending at once.
TEST(RolloutTest, CanaryGrowsWhileItIsUnderWayAndAfterItHasPassed) {
  Rollout rollout({.canary = 1}, 8);
  AddOnline(rollout, 8);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(0));
  rollout.SetOptions({.canary = 2, .canary_wait = absl::Seconds(5)}, kNow);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(1));
  rollout.Finish(0, v1::TASK_STATE_COMPLETED);
  rollout.Finish(1, v1::TASK_STATE_COMPLETED);
  EXPECT_THAT(rollout.TakeStartable(kNow), IsEmpty());
  EXPECT_EQ(rollout.NextStart(), kNow + absl::Seconds(5));
  // The pause counts from the end of the canary, whenever it was given.
  rollout.SetOptions({.fanout = 2, .canary = 2}, kNow);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(2, 3));
  rollout.SetOptions({.canary = 5}, kNow);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(4));
  rollout.Finish(2, v1::TASK_STATE_COMPLETED);
  rollout.Finish(3, v1::TASK_STATE_COMPLETED);
  rollout.Finish(4, v1::TASK_STATE_FAILED);
  EXPECT_THAT(rollout.TakeStartable(kNow), IsEmpty());
  EXPECT_TRUE(rollout.blocked());
  rollout.SetOptions({}, kNow);
  EXPECT_FALSE(rollout.blocked());
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(5, 6, 7));
}

TEST(RolloutTest, BatchAfterACanaryThatWasTakenAwayCountsWhatIsInFlight) {
  Rollout rollout({.batch = 3, .canary = 2}, 8);
  AddOnline(rollout, 8);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(0, 1));
  rollout.SetOptions({.batch = 3}, kNow);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(2));
  // Another canary takes what is in flight along; a full batch follows it.
  rollout.SetOptions({.batch = 3, .canary = 4}, kNow);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(3));
  for (const uint32_t task : {0, 1, 2, 3}) {
    rollout.Finish(task, v1::TASK_STATE_COMPLETED);
  }
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(4, 5, 6));
}

TEST(RolloutTest, QuorumIsChangedWhileItIsOpen) {
  Rollout rollout({.quorum = 3}, 3);
  AddOnline(rollout, 3);
  EXPECT_THAT(rollout.TakeToAsk(), ElementsAre(0, 1, 2));
  rollout.Accept(0);
  EXPECT_THAT(rollout.TakeStartable(kNow), IsEmpty());
  rollout.SetOptions({.quorum = 2}, kNow);
  EXPECT_THAT(rollout.TakeStartable(kNow), IsEmpty());
  rollout.Accept(1);
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(0, 1, 2));
  // Too late for another one.
  rollout.SetOptions({.quorum = 3}, kNow);
  EXPECT_TRUE(rollout.quorum().reached());
}

TEST(RolloutTest, TargetsThatWereOfflineFromTheStartCountAsSoonAsAsked) {
  Rollout rollout({.fanout = 1, .stop_after = 1}, 3);
  rollout.NoteOfflineAtStart(0);
  rollout.AddOffline(0, kNow);
  rollout.AddOnline(1);
  rollout.AddOnline(2);
  EXPECT_THAT(rollout.TakeExpired(kNow), ElementsAre(0));
  EXPECT_THAT(rollout.TakeStartable(kNow), ElementsAre(1));
  EXPECT_EQ(rollout.limit_reached(), Limit::kNone);
  rollout.SetOptions({.fanout = 1, .stop_after = 1, .count_offline = true},
                     kNow);
  EXPECT_EQ(rollout.limit_reached(), Limit::kStopAfter);
}

TEST(RolloutTest, ThousandTargetsThatAllFailCostNoMoreThanMaxFailures) {
  for (const uint32_t fanout : {0u, 1u, 2u, 3u, 4u, 50u, 1000u, 5000u}) {
    Rollout rollout({.fanout = fanout, .max_failures = 3}, 1000);
    AddOnline(rollout, 1000);
    uint32_t failed = 0;
    for (auto started = rollout.TakeStartable(kNow); !started.empty();
         started = rollout.TakeStartable(kNow)) {
      for (const uint32_t task : started) {
        rollout.Finish(task, v1::TASK_STATE_FAILED);
        ++failed;
      }
    }
    EXPECT_EQ(failed, 3u) << "at fan-out " << fanout;
    EXPECT_EQ(rollout.TakeAllWaiting().size(), 997u);
  }
}

}  // namespace
}  // namespace tutti::controller
