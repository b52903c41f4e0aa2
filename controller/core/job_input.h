// The input of one job.
#ifndef CONTROLLER_CORE_JOB_INPUT_H_
#define CONTROLLER_CORE_JOB_INPUT_H_

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "controller/core/core.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::controller {

// The chunks that some task has not taken yet, and how far each task is: what
// all of them have is forgotten, so that memory stays flat, and the slowest
// one decides when more may come. Times are steady. Not thread-safe.
class JobInput {
 public:
  // Room for fewer chunks is none while more are being taken: it would cost a
  // call for every few of them.
  static constexpr uint64_t kWorthwhileRoom = 16;
  // Chunks on their way to one task: they share its target's session with what
  // must not wait for long.
  static constexpr uint64_t kMaxInFlight = 16;

  // Of a job with `tasks` tasks, all of which take input.
  JobInput(uint32_t tasks, absl::Time now);

  // --- who gives it ---
  // INVALID_ARGUMENT when there is more than there was room for, or a chunk is
  // larger than any task takes.
  absl::Status Take(const v1::SendInputRequest& request, absl::Time now);
  // Every task has those before it.
  uint64_t taken() const;
  // The one that is to come next.
  uint64_t next() const { return first_ + chunks_.size(); }
  // Those before it may come.
  uint64_t credit() const;
  // It is worth to say so.
  bool HasRoom() const;
  // The end of the input has come.
  bool complete() const { return complete_; }
  // No task takes any more.
  bool closed() const { return places_open_.empty(); }
  absl::Time heard_at() const { return heard_at_; }

  // --- the tasks ---
  void SetTaken(uint32_t task, uint64_t taken, absl::Time now);
  void Close(uint32_t task, absl::Time now);
  bool IsClosed(uint32_t task) const { return places_[task].closed; }
  // What a task is to be sent next that has this session, and was not sent in
  // it.
  InputPiece TakeFor(uint32_t task, SessionId session);

  // Since when those hold up the others that took the least; infinite future:
  // nobody does.
  absl::Time held_up_since() const { return held_up_since_; }
  std::vector<uint32_t> Slowest() const;
  // Some have taken more than those.
  bool others_wait() const { return places_open_.size() > 1; }

 private:
  struct Place {
    uint64_t taken = 0;
    // Sent in `session`.
    uint64_t sent = 0;
    SessionId session = 0;
    bool closed = false;
  };

  void Leave(uint64_t taken);
  // What all have is forgotten.
  void Trim(absl::Time now);

  // Number of the first of `chunks_`.
  uint64_t first_ = 0;
  std::deque<std::shared_ptr<const std::string>> chunks_;
  bool complete_ = false;
  // The caller has said where it stands.
  bool begun_ = false;
  absl::Time heard_at_;
  std::vector<Place> places_;
  // Open places by how much they have taken.
  std::map<uint64_t, uint32_t> places_open_;
  absl::Time held_up_since_ = absl::InfiniteFuture();
};

}  // namespace tutti::controller

#endif  // CONTROLLER_CORE_JOB_INPUT_H_
