#include "controller/rpc/worker_thread.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <optional>
#include <vector>

namespace tutti::controller {
namespace {

TEST(WorkerThreadTest, RunsInOrder) {
  std::vector<int> order;
  std::promise<void> done;
  WorkerThread worker;
  for (int i = 0; i < 100; ++i) {
    worker.Post([&order, i] { order.push_back(i); });
  }
  worker.Post([&done] { done.set_value(); });
  done.get_future().wait();
  ASSERT_EQ(order.size(), 100u);
  EXPECT_EQ(order.front(), 0);
  EXPECT_EQ(order.back(), 99);
}

// A call's answer lives in what is posted: kept for ever, the call would hang.
TEST(WorkerThreadTest, WhatIsNotRunIsDestroyed) {
  const auto held = std::make_shared<int>(1);
  std::promise<void> begun;
  std::promise<void> go_on;
  std::optional<WorkerThread> worker(std::in_place);
  worker->Post([&] {
    begun.set_value();
    go_on.get_future().wait();
  });
  begun.get_future().wait();
  // More than it keeps: some are destroyed here, the others at the end.
  for (int i = 0; i < 10'000; ++i) worker->Post([held] {});
  EXPECT_LT(held.use_count(), 10'000);
  EXPECT_GT(held.use_count(), 1'000);
  go_on.set_value();
  worker.reset();
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace tutti::controller
