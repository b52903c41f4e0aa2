#include "controller/rollout/turn_queue.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <vector>

namespace tutti::controller {
namespace {

// Looks at everybody, every time.
class PlainQueue {
 public:
  void Push(uint32_t task) { waiting_.push_back(task); }
  void Take(uint32_t task) { in_flight_.push_back(task); }
  void GiveBack(uint32_t task) { std::erase(in_flight_, task); }
  void SetPlaces(const LabelPlaces& places) { places_ = places; }

  std::optional<uint32_t> Pop() {
    const auto next =
        std::find_if(waiting_.begin(), waiting_.end(),
                     [this](uint32_t task) { return HasPlaces(task); });
    if (next == waiting_.end()) return std::nullopt;
    const uint32_t task = *next;
    waiting_.erase(next);
    return task;
  }
  bool empty() const { return waiting_.empty(); }
  const std::vector<uint32_t>& in_flight() const { return in_flight_; }

 private:
  bool HasPlaces(uint32_t task) const {
    if (places_.values.empty()) return true;
    return std::all_of(places_.values[task].begin(), places_.values[task].end(),
                       [this](uint32_t value) {
                         return Taken(value) < places_.limits[value];
                       });
  }
  uint32_t Taken(uint32_t value) const {
    return std::count_if(
        in_flight_.begin(), in_flight_.end(), [&](uint32_t task) {
          const std::vector<uint32_t>& values = places_.values[task];
          return std::find(values.begin(), values.end(), value) != values.end();
        });
  }

  LabelPlaces places_;
  std::vector<uint32_t> waiting_;
  std::vector<uint32_t> in_flight_;
};

// A few labels, some of which lie within others, as racks in rooms do.
LabelPlaces RandomPlaces(std::mt19937& random, uint32_t tasks) {
  LabelPlaces places;
  if (random() % 8 == 0) return places;
  places.values.resize(tasks);
  const uint32_t labels = 1 + random() % 3;
  for (uint32_t label = 0; label < labels; ++label) {
    const auto begin = static_cast<uint32_t>(places.limits.size());
    const uint32_t values = 1 + random() % 5;
    const uint32_t limit = 1 + random() % 3;
    places.limits.insert(places.limits.end(), values, limit);
    const bool nested = random() % 2 == 0;
    for (uint32_t task = 0; task < tasks; ++task) {
      const uint32_t value = nested ? task * values / tasks : random() % values;
      places.values[task].push_back(begin + value);
    }
  }
  return places;
}

// If this fails, a rack loses more hosts at once than it may, a host waits
// although it could go, or the order is not the one that was asked for.
TEST(TurnQueueTest, DoesWhatLookingAtEverybodyWouldDo) {
  for (uint32_t seed = 0; seed < 1000; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const uint32_t tasks = 1 + random() % 30;
    TurnQueue queue;
    PlainQueue plain;
    std::vector<uint32_t> outside;
    for (uint32_t task = 0; task < tasks; ++task) outside.push_back(task);
    for (int step = 0; step < 200; ++step) {
      const uint32_t what = random() % 8;
      if (what < 3 && !outside.empty()) {
        std::swap(outside[random() % outside.size()], outside.back());
        queue.Push(outside.back());
        plain.Push(outside.back());
        outside.pop_back();
      } else if (what < 5 && !plain.in_flight().empty()) {
        const uint32_t task =
            plain.in_flight()[random() % plain.in_flight().size()];
        queue.GiveBack(task);
        plain.GiveBack(task);
        outside.push_back(task);
      } else if (what == 5 && random() % 4 == 0) {
        const LabelPlaces places = RandomPlaces(random, tasks);
        queue.SetPlaces(places, plain.in_flight());
        plain.SetPlaces(places);
      } else {
        const std::optional<uint32_t> task = queue.Pop();
        ASSERT_EQ(task, plain.Pop());
        if (!task.has_value()) continue;
        // Some have gone meanwhile.
        if (random() % 4 == 0) {
          outside.push_back(*task);
          continue;
        }
        queue.Take(*task);
        plain.Take(*task);
      }
      ASSERT_EQ(queue.empty(), plain.empty());
    }
  }
}

TEST(TurnQueueTest, ForgetsWhoWaitsAndKeepsWhoHasPlaces) {
  TurnQueue queue;
  queue.SetPlaces({.limits = {1}, .values = {{0}, {0}, {0}}}, {2});
  queue.Push(0);
  EXPECT_EQ(queue.Pop(), std::nullopt);
  queue.Clear();
  EXPECT_TRUE(queue.empty());
  queue.Push(1);
  EXPECT_EQ(queue.Pop(), std::nullopt);
  queue.GiveBack(2);
  EXPECT_EQ(queue.Pop(), 1u);
}

}  // namespace
}  // namespace tutti::controller
