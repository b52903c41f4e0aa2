#include "controller/results/content_pool.h"

#include <gmock/gmock.h>

namespace tutti::controller {
namespace {

TEST(ContentPoolTest, EqualContentIsKeptOnce) {
  ContentPool pool;
  const ContentReference first = pool.Add(std::string(10'000, 'x'));
  const uint64_t bytes = pool.bytes();
  const ContentReference second = pool.Add(std::string(10'000, 'x'));
  EXPECT_EQ(first.get(), second.get());
  EXPECT_EQ(pool.bytes(), bytes);
}

TEST(ContentPoolTest, LastReferenceFrees) {
  ContentPool pool;
  {
    const ContentReference first = pool.Add("hello");
    const ContentReference second = first;
    ContentReference third = pool.Add("world");
    third = second;
    EXPECT_GT(pool.bytes(), 0u);
  }
  EXPECT_EQ(pool.bytes(), 0u);
}

// A number that came again would make a watcher show the wrong bytes.
TEST(ContentPoolTest, IdsAreNeverGivenAgain) {
  ContentPool pool;
  const uint64_t first = pool.Add("hello")->id;
  EXPECT_NE(pool.Add("hello")->id, first);
}

TEST(ContentPoolTest, BulkIsNotLookedUp) {
  ContentPool pool;
  const std::string bulk(ContentPool::kLargestInterned + 1, 'x');
  const ContentReference first = pool.Add(bulk);
  const ContentReference second = pool.Add(bulk);
  EXPECT_NE(first.get(), second.get());
  EXPECT_FALSE(first->interned);
}

}  // namespace
}  // namespace tutti::controller
