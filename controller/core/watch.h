// What one watcher has seen of its job, and what it gets next.
#ifndef CONTROLLER_CORE_WATCH_H_
#define CONTROLLER_CORE_WATCH_H_

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "controller/core/content_ids.h"
#include "controller/core/core.h"
#include "controller/jobs/job.h"
#include "controller/results/task_output.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::controller {

// Output that memory does not hold and that a watcher wants.
struct WantedOutput {
  uint32_t task = 0;
  uint32_t attempt = 1;
  uint64_t from = 0;
  uint64_t to = 0;
  // At most so many bytes.
  uint64_t bytes = 0;
};

// Holds no output but what was fetched for it: a slow watcher costs a cursor
// a task. Knows nothing of agents: it names what it wants fetched, and is told
// what came of it. Not thread-safe.
class Watch {
 public:
  // How much one response holds, about.
  static constexpr size_t kResponseBytes = 256 << 10;
  static constexpr int kResponseTasks = 1000;
  // How much one fetch brings, and all fetches of a watch at once.
  static constexpr uint64_t kFetchBytes = 1 << 20;
  static constexpr uint64_t kAllFetchesBytes = 16 << 20;

  static uint64_t FetchSize(const WantedOutput& wanted) {
    return std::min(wanted.to - wanted.from, kFetchBytes);
  }

  // Everything of `job` is new to it, but for what `request` says.
  Watch(WatchId id, const Job& job, const v1::WatchJobRequest& request);
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  WatchId id() const { return id_; }
  uint64_t job() const { return job_; }
  bool follow() const { return follow_; }

  // Something of the job is new.
  void NoteJob();
  void NoteStatus(uint32_t task);
  void NoteOutput(uint32_t task);

  // Gives what is new, up to the size of a response; empty when there is
  // nothing. `last_seen` tells when a target was connected last.
  using LastSeen = std::function<absl::Time(const std::string& target)>;
  std::optional<v1::WatchJobResponse> Build(const Job& job,
                                            const LastSeen& last_seen);
  // What came up in Build and has to be fetched, or given up, before these
  // tasks go on. Each is asked for once.
  std::vector<WantedOutput> TakeWanted();

  // Fetching of what is wanted begins; at most kFetchBytes of it come.
  void BeginFetch(const WantedOutput& wanted);
  // Bytes that fetches may bring or have brought and that were not sent yet.
  uint64_t reserved_bytes() const { return reserved_bytes_; }
  // Whether a chunk is what comes next of a task's fetch.
  bool ExpectsFetched(uint32_t task, const v1::OutputChunk& chunk) const;
  void AddFetched(uint32_t task, StoredChunk chunk);
  enum class FetchEnd {
    kComplete,
    kUnable,       // the target can not send it
    kInterrupted,  // try again
  };
  void EndFetch(uint32_t task, FetchEnd end);
  // Nobody can give what is wanted: it is shown as missing.
  void GiveUp(const WantedOutput& wanted);
  // Look again at what was wanted.
  void Retry(uint32_t task);

  // Build has nothing to look at.
  bool idle() const { return queue_.empty(); }
  // Nothing is left to send or to wait for.
  bool Done(const Job& job) const;

  // How far it was sent an attempt of a task; 0 also when that comes later,
  // empty when it wants nothing of it any more.
  std::optional<uint64_t> SentUpTo(uint32_t task, uint32_t attempt) const;

  // Whether the last response was taken; kept for the owner.
  bool ready = true;
  bool pump_due = false;

 private:
  struct Cursor {
    uint64_t position = 0;
    // Of the task; 0: the task is not watched.
    uint32_t attempt = 0;
    // How that attempt ended was told.
    bool end_told = false;
    bool queued = false;
    bool status_due = false;
    // Waits for output that was asked for.
    bool blocked = false;
  };
  struct Fetch {
    std::deque<StoredChunk> chunks;
    WantedOutput wanted;
    uint64_t next_position = 0;
    bool any = false;
    std::optional<FetchEnd> end;
  };
  enum class Progress { kAllSent, kMore, kBlocked };

  void Enqueue(uint32_t task);
  // Of one that was sent to its end: goes on with the attempt that followed.
  void GoOnWithNextAttempt(const Job& job, uint32_t task);
  void AddTask(const Job& job, uint32_t task, const LastSeen& last_seen,
               v1::WatchJobResponse& response);
  Progress AddOutput(const Job& job, uint32_t task, v1::TaskUpdate& update);
  // Sends what was fetched; empty when the fetch is over.
  std::optional<Progress> AddFetchedOutput(uint32_t task,
                                           v1::TaskUpdate& update);
  void AddChunk(const StoredChunk& chunk, Cursor& cursor,
                v1::TaskUpdate& update);
  void AddMissing(uint64_t to, uint64_t bytes, Cursor& cursor,
                  v1::TaskUpdate& update);

  const WatchId id_;
  const uint64_t job_;
  const bool follow_;
  const bool output_;
  // The only one that is watched; 0: each task's newest.
  const uint32_t attempt_;
  bool job_due_ = true;
  bool targets_sent_ = false;
  std::vector<Cursor> cursors_;
  // Without follow: where each task's output ended when the watch began.
  std::vector<uint64_t> limits_;
  std::deque<uint32_t> queue_;
  size_t blocked_ = 0;
  uint64_t reserved_bytes_ = 0;
  std::vector<WantedOutput> wanted_;
  absl::flat_hash_map<uint32_t, Fetch> fetches_;
  ContentIds content_ids_;
  // What is left of the response that is being built.
  size_t room_ = 0;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_CORE_WATCH_H_
