// Tasks that wait for their turn.
#ifndef CONTROLLER_ROLLOUT_TURN_QUEUE_H_
#define CONTROLLER_ROLLOUT_TURN_QUEUE_H_

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace tutti::controller {

// Which tasks share which limits: each value of a limited label or fact is a
// number, over all of these.
struct LabelPlaces {
  // By value: how many of the tasks that have it may be in flight at once.
  std::vector<uint32_t> limits;
  // By task: its values, each once. None: no limit holds for it.
  std::vector<std::vector<uint32_t>> values;
};

// First come first served, but a task of which some value has no place free is
// passed over until that has one. Tasks with the same values wait as one, so a
// call costs a few steps for each value of a task (times the logarithm of how
// many such kinds there are), amortised, whoever else waits. Not thread-safe.
class TurnQueue {
 public:
  // Behind all others. One that is in it may not be added again.
  void Push(uint32_t task);
  // The first one for which there are places. Take takes them.
  std::optional<uint32_t> Pop();
  bool empty() const { return size_ == 0; }
  // Frees what only those that wait need.
  void Clear();

  // A task, in the queue or not, takes a place of each of its values, or frees
  // them.
  void Take(uint32_t task);
  void GiveBack(uint32_t task);
  // From now on; `in_flight` are the tasks that have places.
  void SetPlaces(const LabelPlaces& places,
                 const std::vector<uint32_t>& in_flight);

 private:
  static constexpr uint32_t kNobody = UINT32_MAX;
  // The first task of a kind: when it came, and of which kind.
  using Head = std::pair<uint64_t, uint32_t>;
  // Earliest first.
  using Heap = std::vector<Head>;
  struct Entry {
    uint64_t ticket = 0;
    uint32_t next = kNobody;
  };
  // Tasks with the same values, those that wait as a list.
  struct Kind {
    std::vector<uint32_t> values;
    uint32_t first = kNobody;
    uint32_t last = kNobody;
  };
  struct Value {
    uint32_t limit = 0;
    uint32_t taken = 0;
    // Kinds that wait for a place of it. Where one is free, none of them came
    // before every kind in `ready_` that has this value.
    Heap parked;
  };

  static void Add(Heap& heap, Head head);
  static Head TakeFirst(Heap& heap);
  Kind& KindOf(uint32_t task);
  void Append(uint32_t task, uint64_t ticket);
  // Null: all have one.
  Value* WithoutPlace(const Kind& kind);
  // A kind left `ready_`: those behind it may be the first now.
  void WakeNext(const Kind& kind);

  uint64_t next_ticket_ = 0;
  size_t size_ = 0;
  // By task, of those in the queue.
  std::vector<Entry> entries_;
  // By task; empty: all are of the first kind.
  std::vector<uint32_t> kind_of_;
  std::vector<Kind> kinds_ = std::vector<Kind>(1);
  std::vector<Value> values_;
  // Kinds with somebody who waits, as long as they are not parked.
  Heap ready_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_ROLLOUT_TURN_QUEUE_H_
