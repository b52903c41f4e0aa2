#include "common/runner_client/held_tasks.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

#include <string>
#include <utility>
#include <vector>

namespace tutti {
namespace {

using ::testing::Each;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::Pointee;
using ::testing::SizeIs;

v1::AttemptKey Key(const std::string& target) {
  v1::AttemptKey key;
  key.set_target(target);
  return key;
}

class HeldTasksTest : public ::testing::Test {
 protected:
  void Say(ReceivedMessage received) { held_.OnMessage(received); }
  void Welcome() {
    ReceivedMessage received;
    received.message.mutable_welcome();
    Say(std::move(received));
  }
  void ListingComplete() {
    ReceivedMessage received;
    received.message.mutable_listing_complete();
    Say(std::move(received));
  }
  void Hold(const std::string& target) {
    ReceivedMessage received;
    *received.message.mutable_hold_task()->mutable_task()->mutable_key() =
        Key(target);
    received.descriptors.emplace_back(eventfd(0, EFD_CLOEXEC));
    Say(std::move(received));
  }
  void State(const std::string& target, v1::TaskState state) {
    ReceivedMessage received;
    *received.message.mutable_state()->mutable_key() = Key(target);
    received.message.mutable_state()->mutable_status()->set_state(state);
    Say(std::move(received));
  }

  HeldTasks held_;
};

TEST_F(HeldTasksTest, WhatIsReturnedStaysHeldUntilItIsGivenAgain) {
  Hold("a");
  const std::vector<RunnerPacket> packets = held_.MakeReturns();
  ASSERT_THAT(packets, SizeIs(1));
  EXPECT_THAT(packets[0].descriptors, Pointee(SizeIs(1)));
  Hold("a");
  EXPECT_EQ(held_.size(), 1u);
}

// A runner takes up a task with all of its descriptors or not at all.
TEST_F(HeldTasksTest, TasksComeBackWholeWhenThereAreNoDescriptorsLeft) {
  constexpr size_t kTasks = 20;
  for (size_t i = 0; i < kTasks; ++i) Hold(std::to_string(i));
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = 0;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const std::vector<RunnerPacket> packets = held_.MakeReturns();
  EXPECT_EQ(eventfd(0, EFD_CLOEXEC), -1);
  setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_THAT(packets, SizeIs(kTasks));
  EXPECT_THAT(packets,
              Each(Field(&RunnerPacket::descriptors, Pointee(SizeIs(1)))));
}

// Side streams make more of them for a task.
TEST_F(HeldTasksTest, NoMoreAreHeldThanHalfOfWhatThereMayBe) {
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit few = before;
  few.rlim_cur = 12;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
  HeldTasks held;
  setrlimit(RLIMIT_NOFILE, &before);
  const auto hold = [&held](const std::string& target) {
    ReceivedMessage received;
    *received.message.mutable_hold_task()->mutable_task()->mutable_key() =
        Key(target);
    for (int i = 0; i < 3; ++i) {
      received.descriptors.emplace_back(eventfd(0, EFD_CLOEXEC));
    }
    held.OnMessage(received);
  };
  for (const char* target : {"a", "b", "b", "c"}) hold(target);
  EXPECT_EQ(held.size(), 2u);
  held.Release(Key("a"));
  held.Release(Key("a"));
  hold("c");
  EXPECT_EQ(held.size(), 2u);
}

// The line may be slow.
TEST_F(HeldTasksTest, WhatIsLetGoIsReturnedAllTheSameOnceItIsOnItsWay) {
  Hold("a");
  const std::vector<RunnerPacket> packets = held_.MakeReturns();
  held_.Release(Key("a"));
  ASSERT_THAT(packets, SizeIs(1));
  EXPECT_GE(fcntl((*packets[0].descriptors)[0].get(), F_GETFD), 0);
}

// Otherwise descriptors would pile up.
TEST_F(HeldTasksTest, WhatIsOverIsLetGo) {
  for (const char* target : {"ended", "released", "unknown", "runs"}) {
    Hold(target);
  }
  State("ended", v1::TASK_STATE_COMPLETED);
  held_.Release(Key("released"));
  EXPECT_EQ(held_.size(), 2u);
  Welcome();
  State("runs", v1::TASK_STATE_RUNNING);
  ListingComplete();
  EXPECT_EQ(held_.size(), 1u);
  State("runs", v1::TASK_STATE_FAILED);
  EXPECT_THAT(held_.MakeReturns(), IsEmpty());
}

TEST_F(HeldTasksTest, WithoutDescriptorsThereIsNothingToHold) {
  ReceivedMessage received;
  received.message.mutable_hold_task();
  Say(std::move(received));
  EXPECT_EQ(held_.size(), 0u);
}

}  // namespace
}  // namespace tutti
