// The output of all tasks in memory, within a budget.
#ifndef CONTROLLER_RESULTS_RESULT_STORE_H_
#define CONTROLLER_RESULTS_RESULT_STORE_H_

#include <cstdint>

#include "controller/results/content_pool.h"
#include "controller/results/task_output.h"

namespace tutti::controller {

// What is over the budget of a task loses its middle; what is over the total
// budget, first all output of the tasks that finished first, then the oldest
// output of those that run, each in turn. All of it is counted. Must outlive
// the outputs. Not thread-safe.
class ResultStore {
 public:
  struct Budget {
    uint64_t task_bytes = 64 << 20;
    uint64_t total_bytes = 1 << 30;
  };
  // What became of a chunk.
  enum class Appended {
    kStored,
    kDuplicate,
    // Something before it is missing, or it overlaps what came in a way that
    // can not be told apart: the target has to send again from
    // next_position().
    kMisplaced,
  };
  // What a chunk counts against the budget of its task beyond its bytes.
  static constexpr uint64_t kChunkOverhead = 64;

  explicit ResultStore(const Budget& budget) : budget_(budget) {}
  ResultStore(const ResultStore&) = delete;
  ResultStore& operator=(const ResultStore&) = delete;

  // Takes effect with the next append.
  void Configure(const Budget& budget) { budget_ = budget; }

  // Takes the chunk's bytes, but of OUTPUT_STREAM_REQUEST, which is no output,
  // its positions alone. `start_position` is the first position that the
  // target still has; what it lost before it came here is noted as missing.
  Appended Append(TaskOutput& output, v1::OutputChunk& chunk,
                  uint64_t start_position);
  // The target has nothing between next_position() and `position` any more.
  void NoteLost(TaskOutput& output, uint64_t position);
  // All of `from` is in `to` from now on, which had nothing.
  static void Move(TaskOutput& from, TaskOutput& to);
  // No more output will come: this is the newest of those that may go.
  void Finish(TaskOutput& output);

  // Nobody needs what ends at or before `position` any more. What is left
  // beyond it stays.
  static void DropRead(TaskOutput& output, uint64_t position);

  // Output that is kept for a reader only, outside the budget of its task.
  StoredChunk Take(v1::OutputChunk& chunk);

  // What is in memory now.
  uint64_t bytes() const { return pool_.bytes(); }

 private:
  friend class TaskOutput;

  void Store(TaskOutput& output, StoredChunk chunk);
  void NoteRequest(TaskOutput& output, const v1::OutputChunk& chunk);
  // Cuts off what came already. False when that can not be done.
  static bool CutOverlap(const TaskOutput& output, v1::OutputChunk& chunk);
  void KeepWithinBudget();
  static void DropHead(TaskOutput& output);
  static void EvictAll(TaskOutput& output);
  // False when nothing is left to evict.
  bool EvictOldest(TaskOutput& output);
  static void DropTailFront(TaskOutput& output);

  static void Link(TaskOutput*& list, TaskOutput& output);
  static void Unlink(TaskOutput& output);

  Budget budget_;
  ContentPool pool_;
  // Circular lists of outputs that hold something; their first elements are
  // the oldest.
  TaskOutput* finished_ = nullptr;
  TaskOutput* live_ = nullptr;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_RESULTS_RESULT_STORE_H_
