#include "common/base/executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace tutti {
namespace {

using ::testing::ElementsAre;

// If the order were another, messages would overtake each other, and a burst
// of events would be answered one by one.
TEST(ExecutorTest, TasksInOrderThenWhatWasDeferred) {
  Executor executor;
  std::vector<int> order;
  executor.Post([&] {
    order.push_back(1);
    executor.Defer([&] { order.push_back(3); });
  });
  executor.Post([&] { order.push_back(2); });
  executor.Stop();
  executor.Run();
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
}

TEST(ExecutorTest, TimersInOrderOfTheirTime) {
  Executor executor;
  std::vector<int> order;
  executor.PostAfter(absl::Milliseconds(20), [&] {
    order.push_back(3);
    executor.Stop();
  });
  executor.PostAfter(absl::Milliseconds(10), [&] { order.push_back(2); });
  executor.PostAfter(-absl::Seconds(1), [&] { order.push_back(1); });
  executor.PostAfter(absl::InfiniteDuration(), [&] { order.push_back(4); });
  executor.Run();
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
}

}  // namespace
}  // namespace tutti
