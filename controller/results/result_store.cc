#include "controller/results/result_store.h"

#include <utility>

#include "absl/time/time.h"
#include "common/records/record_log.h"

namespace tutti::controller {
namespace {

StoredChunk WithoutContent(const v1::OutputChunk& chunk) {
  StoredChunk stored;
  stored.position = chunk.position();
  stored.next_position = chunk.next_position();
  stored.time = chunk.time().seconds() * 1'000'000'000 + chunk.time().nanos();
  stored.stream = chunk.stream();
  return stored;
}

enum class Walk { kGoOn, kFound, kFailed };

// `chunk` joins records of which the first ones came before, perhaps in
// several chunks; their bytes are the first of its bytes. Walks back through
// `chunks` to where it begins and adds up what is there.
template <typename Chunks>
Walk CountBack(const Chunks& chunks, const v1::OutputChunk& chunk,
               size_t& known) {
  for (auto stored = chunks.rbegin(); stored != chunks.rend(); ++stored) {
    if (stored->stream != chunk.stream() || !stored->content) {
      return Walk::kFailed;
    }
    known += stored->size();
    if (stored->position == chunk.position()) return Walk::kFound;
    if (stored->position < chunk.position()) return Walk::kFailed;
  }
  return Walk::kGoOn;
}

}  // namespace

ResultStore::Appended ResultStore::Append(TaskOutput& output,
                                          v1::OutputChunk& chunk,
                                          uint64_t start_position) {
  const uint64_t expected = output.next_position_;
  if (chunk.next_position() <= expected ||
      chunk.next_position() <= chunk.position()) {
    return Appended::kDuplicate;
  }
  if (chunk.position() < expected) {
    if (!CutOverlap(output, chunk)) return Appended::kMisplaced;
  } else if (chunk.position() > std::max(expected, kLogHeaderBytes)) {
    if (chunk.position() > start_position) return Appended::kMisplaced;
    NoteLost(output, chunk.position());
  }
  switch (chunk.stream()) {
    case v1::OUTPUT_STREAM_STDOUT:
      output.stdout_bytes_ += chunk.data().size();
      break;
    case v1::OUTPUT_STREAM_STDERR:
      output.stderr_bytes_ += chunk.data().size();
      break;
    case v1::OUTPUT_STREAM_REQUEST:
      NoteRequest(output, chunk);
      return Appended::kStored;
    default:
      break;
  }
  Store(output, Take(chunk));
  KeepWithinBudget();
  return Appended::kStored;
}

void ResultStore::NoteRequest(TaskOutput& output,
                              const v1::OutputChunk& chunk) {
  StoredChunk* last = nullptr;
  if (output.tail_ != nullptr) {
    last = &output.tail_->back();
  } else if (!output.head_.empty() && !output.HasGap()) {
    last = &output.head_.back();
  }
  if (last == nullptr || last->stream != v1::OUTPUT_STREAM_REQUEST) {
    return Store(output, WithoutContent(chunk));
  }
  // However much it asks for, that takes no more memory.
  last->next_position = output.next_position_ = chunk.next_position();
}

void ResultStore::NoteLost(TaskOutput& output, uint64_t position) {
  if (position <= output.next_position_) return;
  StoredChunk lost;
  lost.position = output.next_position_;
  lost.next_position = position;
  lost.stream = v1::OUTPUT_STREAM_EVENT;
  Store(output, std::move(lost));
}

void ResultStore::Finish(TaskOutput& output) {
  if (output.list_ == &live_) {
    Unlink(output);
    Link(finished_, output);
  }
}

StoredChunk ResultStore::Take(v1::OutputChunk& chunk) {
  StoredChunk stored = WithoutContent(chunk);
  stored.content = pool_.Add(std::move(*chunk.mutable_data()));
  return stored;
}

void ResultStore::Store(TaskOutput& output, StoredChunk chunk) {
  const uint64_t cost = chunk.size() + kChunkOverhead;
  output.next_position_ = chunk.next_position;
  if (output.list_ == nullptr) Link(live_, output);
  if (!output.head_closed_ &&
      output.head_cost_ + cost <= budget_.task_bytes / 2) {
    output.head_cost_ += cost;
    output.head_.push_back(std::move(chunk));
    return;
  }
  output.head_closed_ = true;
  if (output.tail_ == nullptr) {
    output.tail_ = std::make_unique<TaskOutput::Tail>();
  }
  output.tail_cost_ += cost;
  output.tail_->push_back(std::move(chunk));
  while (output.tail_ != nullptr &&
         output.head_cost_ + output.tail_cost_ > budget_.task_bytes) {
    DropTailFront(output);
  }
}

bool ResultStore::CutOverlap(const TaskOutput& output, v1::OutputChunk& chunk) {
  size_t known = 0;
  Walk walk = Walk::kGoOn;
  if (output.tail_ != nullptr) walk = CountBack(*output.tail_, chunk, known);
  if (walk == Walk::kGoOn && !output.HasGap()) {
    walk = CountBack(output.head_, chunk, known);
  }
  if (walk != Walk::kFound || known >= chunk.data().size()) return false;
  chunk.mutable_data()->erase(0, known);
  chunk.set_position(output.next_position_);
  return true;
}

void ResultStore::KeepWithinBudget() {
  while (pool_.bytes() > budget_.total_bytes) {
    if (finished_ != nullptr) {
      TaskOutput& oldest = *finished_;
      EvictAll(oldest);
      Unlink(oldest);
    } else if (live_ != nullptr) {
      TaskOutput& oldest = *live_;
      live_ = oldest.next_;
      if (!EvictOldest(oldest)) Unlink(oldest);
    } else {
      return;
    }
  }
}

void ResultStore::DropRead(TaskOutput& output, uint64_t position) {
  output.head_closed_ = true;
  if (!output.head_.empty() && output.head_.back().next_position <= position) {
    DropHead(output);
  } else if (!output.head_.empty() && !output.HasGap()) {
    // There is one gap only: it is to be before all that is left.
    if (output.tail_ == nullptr) {
      output.tail_ = std::make_unique<TaskOutput::Tail>();
    }
    output.tail_->insert(output.tail_->begin(), output.head_.begin(),
                         output.head_.end());
    std::vector<StoredChunk>().swap(output.head_);
    output.tail_cost_ += std::exchange(output.head_cost_, 0);
  }
  while (output.head_.empty() && output.tail_ != nullptr &&
         output.tail_->front().next_position <= position) {
    DropTailFront(output);
  }
  if (output.head_.empty() && output.tail_ == nullptr) Unlink(output);
}

void ResultStore::DropHead(TaskOutput& output) {
  for (const StoredChunk& chunk : output.head_) {
    output.evicted_bytes_ += chunk.size();
  }
  std::vector<StoredChunk>().swap(output.head_);
  output.head_cost_ = 0;
}

void ResultStore::EvictAll(TaskOutput& output) {
  output.head_closed_ = true;
  while (output.tail_ != nullptr) DropTailFront(output);
  DropHead(output);
}

bool ResultStore::EvictOldest(TaskOutput& output) {
  output.head_closed_ = true;
  if (output.tail_ != nullptr) {
    DropTailFront(output);
  } else if (!output.head_.empty()) {
    const StoredChunk& last = output.head_.back();
    output.evicted_bytes_ += last.size();
    output.head_cost_ -= last.size() + kChunkOverhead;
    output.head_.pop_back();
  }
  return output.tail_ != nullptr || !output.head_.empty();
}

void ResultStore::DropTailFront(TaskOutput& output) {
  const StoredChunk& first = output.tail_->front();
  output.evicted_bytes_ += first.size();
  output.tail_cost_ -= first.size() + kChunkOverhead;
  output.tail_->pop_front();
  if (output.tail_->empty()) output.tail_.reset();
}

void ResultStore::Link(TaskOutput*& list, TaskOutput& output) {
  output.list_ = &list;
  if (list == nullptr) {
    output.previous_ = output.next_ = &output;
    list = &output;
    return;
  }
  output.next_ = list;
  output.previous_ = list->previous_;
  output.previous_->next_ = &output;
  list->previous_ = &output;
}

void ResultStore::Move(TaskOutput& from, TaskOutput& to) {
  to.head_ = std::exchange(from.head_, {});
  to.tail_ = std::move(from.tail_);
  to.next_position_ = std::exchange(from.next_position_, 0);
  to.stdout_bytes_ = std::exchange(from.stdout_bytes_, 0);
  to.stderr_bytes_ = std::exchange(from.stderr_bytes_, 0);
  to.evicted_bytes_ = std::exchange(from.evicted_bytes_, 0);
  to.head_cost_ = std::exchange(from.head_cost_, 0);
  to.tail_cost_ = std::exchange(from.tail_cost_, 0);
  to.head_closed_ = std::exchange(from.head_closed_, false);
  if (from.list_ == nullptr) return;
  // Into the same place of its list.
  TaskOutput*& list = *from.list_;
  const bool alone = from.next_ == &from;
  to.list_ = std::exchange(from.list_, nullptr);
  to.next_ = alone ? &to : from.next_;
  to.previous_ = alone ? &to : from.previous_;
  to.next_->previous_ = &to;
  to.previous_->next_ = &to;
  if (list == &from) list = &to;
}

void ResultStore::Unlink(TaskOutput& output) {
  if (output.list_ == nullptr) return;
  output.previous_->next_ = output.next_;
  output.next_->previous_ = output.previous_;
  if (*output.list_ == &output) {
    *output.list_ = output.next_ == &output ? nullptr : output.next_;
  }
  output.list_ = nullptr;
}

}  // namespace tutti::controller
