#include "controller/results/task_output.h"

#include <algorithm>

#include "common/records/record_log.h"
#include "controller/results/result_store.h"

namespace tutti::controller {
namespace {

// The first chunk of sorted `chunks` that ends behind `position`.
template <typename Chunks>
const StoredChunk* FirstEndingBehind(const Chunks& chunks, uint64_t position) {
  const auto found =
      std::upper_bound(chunks.begin(), chunks.end(), position,
                       [](uint64_t value, const StoredChunk& chunk) {
                         return value < chunk.next_position;
                       });
  return found == chunks.end() ? nullptr : &*found;
}

}  // namespace

TaskOutput::~TaskOutput() { ResultStore::Unlink(*this); }

OutputView TaskOutput::At(uint64_t position) const {
  if (position >= next_position_) return {};
  const StoredChunk* chunk = FirstEndingBehind(head_, position);
  if (chunk == nullptr && HasGap() && position < gap_end()) {
    return Gap(position, gap_end());
  }
  if (chunk == nullptr && tail_ != nullptr) {
    chunk = FirstEndingBehind(*tail_, position);
  }
  if (chunk == nullptr) return {};
  // Of requests, which lengthen, a reader may know a part.
  const bool is_request = chunk->stream == v1::OUTPUT_STREAM_REQUEST;
  // Within a chunk: the target joined its records differently when it sent
  // them to an earlier controller.
  if (position > chunk->position && !is_request) {
    return Gap(position, chunk->next_position);
  }
  return {.kind = OutputView::Kind::kChunk, .chunk = chunk};
}

void TaskOutput::Restore(uint64_t next_position, uint64_t stdout_bytes,
                         uint64_t stderr_bytes) {
  next_position_ = next_position;
  stdout_bytes_ = stdout_bytes;
  stderr_bytes_ = stderr_bytes;
  evicted_bytes_ = stdout_bytes + stderr_bytes;
  head_closed_ = true;
}

OutputView TaskOutput::Gap(uint64_t from, uint64_t to) const {
  const bool whole = from == gap_begin() && to == gap_end();
  return {.kind = OutputView::Kind::kGap,
          .from = from,
          .to = to,
          .gap_bytes = whole ? evicted_bytes_ : to - from};
}

uint64_t TaskOutput::gap_begin() const {
  return head_.empty() ? 0 : head_.back().next_position;
}

uint64_t TaskOutput::gap_end() const {
  return tail_ == nullptr ? next_position_ : tail_->front().position;
}

bool TaskOutput::HasGap() const {
  // The first record is behind the header of the spool.
  return head_closed_ && gap_end() > std::max(gap_begin(), kLogHeaderBytes);
}

}  // namespace tutti::controller
