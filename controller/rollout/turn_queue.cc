#include "controller/rollout/turn_queue.h"

#include <algorithm>
#include <functional>
#include <map>

namespace tutti::controller {

void TurnQueue::Add(Heap& heap, Head head) {
  heap.push_back(head);
  std::push_heap(heap.begin(), heap.end(), std::greater<>());
}

TurnQueue::Head TurnQueue::TakeFirst(Heap& heap) {
  std::pop_heap(heap.begin(), heap.end(), std::greater<>());
  const Head first = heap.back();
  heap.pop_back();
  return first;
}

TurnQueue::Kind& TurnQueue::KindOf(uint32_t task) {
  return kinds_[kind_of_.empty() ? 0 : kind_of_[task]];
}

void TurnQueue::Push(uint32_t task) { Append(task, next_ticket_++); }

void TurnQueue::Append(uint32_t task, uint64_t ticket) {
  if (task >= entries_.size()) entries_.resize(task + 1);
  entries_[task] = {ticket, kNobody};
  ++size_;
  Kind& kind = KindOf(task);
  if (kind.first == kNobody) {
    kind.first = task;
    Add(ready_, {ticket, static_cast<uint32_t>(&kind - kinds_.data())});
  } else {
    entries_[kind.last].next = task;
  }
  kind.last = task;
}

std::optional<uint32_t> TurnQueue::Pop() {
  while (!ready_.empty()) {
    const Head head = TakeFirst(ready_);
    Kind& kind = kinds_[head.second];
    Value* full = WithoutPlace(kind);
    if (full != nullptr) Add(full->parked, head);
    WakeNext(kind);
    if (full != nullptr) continue;
    const uint32_t task = kind.first;
    kind.first = entries_[task].next;
    --size_;
    if (kind.first != kNobody) {
      Add(ready_, {entries_[kind.first].ticket, head.second});
    }
    return task;
  }
  return std::nullopt;
}

void TurnQueue::Clear() {
  if (entries_.empty()) return;
  for (Kind& kind : kinds_) kind.first = kind.last = kNobody;
  for (Value& value : values_) Heap().swap(value.parked);
  Heap().swap(ready_);
  std::vector<Entry>().swap(entries_);
  size_ = 0;
}

TurnQueue::Value* TurnQueue::WithoutPlace(const Kind& kind) {
  const auto full = std::find_if(
      kind.values.begin(), kind.values.end(), [this](uint32_t value) {
        return values_[value].taken >= values_[value].limit;
      });
  return full == kind.values.end() ? nullptr : &values_[*full];
}

void TurnQueue::WakeNext(const Kind& kind) {
  for (const uint32_t index : kind.values) {
    Value& value = values_[index];
    if (value.taken < value.limit && !value.parked.empty()) {
      Add(ready_, TakeFirst(value.parked));
    }
  }
}

void TurnQueue::Take(uint32_t task) {
  for (const uint32_t value : KindOf(task).values) ++values_[value].taken;
}

void TurnQueue::GiveBack(uint32_t task) {
  const Kind& kind = KindOf(task);
  for (const uint32_t value : kind.values) --values_[value].taken;
  WakeNext(kind);
}

void TurnQueue::SetPlaces(const LabelPlaces& places,
                          const std::vector<uint32_t>& in_flight) {
  std::vector<std::pair<uint64_t, uint32_t>> waiting;
  for (const Kind& kind : kinds_) {
    for (uint32_t task = kind.first; task != kNobody;
         task = entries_[task].next) {
      waiting.emplace_back(entries_[task].ticket, task);
    }
  }
  std::sort(waiting.begin(), waiting.end());
  Clear();
  values_.clear();
  for (const uint32_t limit : places.limits) {
    values_.push_back({.limit = limit, .taken = 0, .parked = {}});
  }
  std::map<std::vector<uint32_t>, uint32_t> kinds;
  kind_of_.clear();
  for (const std::vector<uint32_t>& values : places.values) {
    kind_of_.push_back(
        kinds.try_emplace(values, static_cast<uint32_t>(kinds.size()))
            .first->second);
  }
  kinds_.assign(std::max<size_t>(1, kinds.size()), Kind());
  for (const auto& [values, kind] : kinds) kinds_[kind].values = values;
  for (const uint32_t task : in_flight) Take(task);
  for (const auto& [ticket, task] : waiting) Append(task, ticket);
}

}  // namespace tutti::controller
