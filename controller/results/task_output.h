// The output of one task, as far as memory holds it.
#ifndef CONTROLLER_RESULTS_TASK_OUTPUT_H_
#define CONTROLLER_RESULTS_TASK_OUTPUT_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "controller/results/content_pool.h"
#include "tutti/v1/task.pb.h"

namespace tutti::controller {

// A chunk of output. Without content it stands for output that was lost on
// the target: missing() bytes at most; or, of OUTPUT_STREAM_REQUEST, for what
// is no output.
struct StoredChunk {
  ContentReference content;
  uint64_t position = 0;
  uint64_t next_position = 0;
  // Nanoseconds since the epoch by the target's clock; 0: unknown.
  int64_t time = 0;
  v1::OutputStream stream = v1::OUTPUT_STREAM_UNSPECIFIED;

  size_t size() const { return content ? content->data.size() : 0; }
  uint64_t missing() const { return content ? 0 : next_position - position; }
};

// What a reader finds at a position.
struct OutputView {
  enum class Kind {
    kNothing,  // all that came was read
    kChunk,
    // Memory does not hold what is from `from` up to `to`.
    kGap,
  };
  Kind kind = Kind::kNothing;
  const StoredChunk* chunk = nullptr;
  uint64_t from = 0;
  uint64_t to = 0;
  // Bytes of output in the gap, at most.
  uint64_t gap_bytes = 0;
};

class ResultStore;

// Its first part (head) and its last part (tail), with at most one gap between
// them. Written by the ResultStore only, which must outlive it. Not
// thread-safe; stays where it is, because the store links to it.
class TaskOutput {
 public:
  TaskOutput() = default;
  ~TaskOutput();
  TaskOutput(const TaskOutput&) = delete;
  TaskOutput& operator=(const TaskOutput&) = delete;

  // Everything before it has come; 0 before anything came.
  uint64_t next_position() const { return next_position_; }
  uint64_t stdout_bytes() const { return stdout_bytes_; }
  uint64_t stderr_bytes() const { return stderr_bytes_; }
  // Bytes that came and that memory does not hold.
  uint64_t evicted_bytes() const { return evicted_bytes_; }

  // What memory holds of it, with what its chunks cost beyond their bytes.
  uint64_t held_bytes() const { return head_cost_ + tail_cost_; }

  // What is at `position`: 0 or where an earlier answer ended.
  OutputView At(uint64_t position) const;

  // What came before the controller was started, known from the journal.
  // Only for an output that nothing was appended to.
  void Restore(uint64_t next_position, uint64_t stdout_bytes,
               uint64_t stderr_bytes);

 private:
  friend class ResultStore;
  using Tail = std::deque<StoredChunk>;

  OutputView Gap(uint64_t from, uint64_t to) const;
  // Where the gap between head and tail would begin and end.
  uint64_t gap_begin() const;
  uint64_t gap_end() const;
  bool HasGap() const;

  // Chunks from the beginning on.
  std::vector<StoredChunk> head_;
  // Chunks up to next_position_; null when there are none, because an empty
  // deque is large.
  std::unique_ptr<Tail> tail_;
  uint64_t next_position_ = 0;
  uint64_t stdout_bytes_ = 0;
  uint64_t stderr_bytes_ = 0;
  uint64_t evicted_bytes_ = 0;
  // What head and tail count against the task's budget.
  uint64_t head_cost_ = 0;
  uint64_t tail_cost_ = 0;
  // What comes from now on goes into the tail.
  bool head_closed_ = false;
  // Place in one of the store's lists; `list_` is null when in none.
  TaskOutput** list_ = nullptr;
  TaskOutput* previous_ = nullptr;
  TaskOutput* next_ = nullptr;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_RESULTS_TASK_OUTPUT_H_
