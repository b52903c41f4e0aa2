// The rules of the runner: what becomes of each attempt.
#ifndef AGENT_RUNNER_CORE_ATTEMPT_TABLE_H_
#define AGENT_RUNNER_CORE_ATTEMPT_TABLE_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "agent/runner/core/process_end.h"
#include "tutti/v1/envelope.pb.h"
#include "tutti/v1/task.pb.h"

namespace tutti::runner {

// The wall clock for what people read, a steady one for what is waited for.
struct Moment {
  absl::Time wall;
  absl::Duration steady;
};

using AttemptId = uint64_t;

// Planning: its user is being looked up. Committing: "starting" is on its way
// to the disk. Starting: the program is being loaded. Awaited: an earlier
// runner started it, and whoever holds it for us may return it. Ending happens
// in Running: the process is told to end, or has ended and its tree has not.
// Recording: "ended" is on its way to the disk.
enum class AttemptPhase {
  kPlanning,
  kCommitting,
  kStarting,
  kAwaited,
  kRunning,
  kRecording,
  kFinal
};

struct Attempt {
  AttemptId id = 0;
  tutti::v1::AttemptKey key;
  // Emptied when it is final.
  tutti::v1::JobSpec spec;
  // No envelope for it holds after this.
  absl::Time valid_until;
  AttemptPhase phase = AttemptPhase::kPlanning;
  tutti::v1::AttemptStatus status;
  // By the spool file.
  uint64_t end_position = 0;
  // Of an attempt of an earlier runner.
  uint64_t start_position = 0;

  EndCause cause = EndCause::kNone;
  // Only what the main process has left behind is being ended still.
  bool main_ended = false;
  // It has been told of: short attempts are told of once, at their end.
  bool announced = false;
  uint64_t published_end = 0;
  absl::Duration published_at = -absl::InfiniteDuration();

  // Deadlines, on the steady clock.
  std::optional<absl::Duration> announce_at;
  std::optional<absl::Duration> publish_at;
  std::optional<absl::Duration> time_out_at;
  std::optional<absl::Duration> kill_at;
  std::optional<absl::Duration> give_up_at;
};

// What is known of a running attempt besides its spec.
struct RunningState {
  EndCause cause = EndCause::kNone;
  std::optional<absl::Duration> time_out_at;
  std::optional<absl::Duration> kill_at;
  std::optional<absl::Duration> give_up_at;
};

// What the table wants done. Implementations answer with the table's On…
// methods, never from within a call but for GiveUp, whose OnEnded may come at
// once.
class AttemptEffects {
 public:
  virtual ~AttemptEffects() = default;
  // OnStartingRecorded answers.
  virtual void RecordStarting(const Attempt& attempt) = 0;
  // OnStarted answers.
  virtual void StartProcess(const Attempt& attempt) = 0;
  virtual void TerminateTree(const Attempt& attempt) = 0;
  virtual void KillTree(const Attempt& attempt) = 0;
  // Killing took no effect (a process waits for a disk that hangs): goes on to
  // OnEnded without it.
  virtual void GiveUp(const Attempt& attempt) = 0;
  // OnEndRecorded answers.
  virtual void RecordEnded(const Attempt& attempt) = 0;
  // Tells whoever is connected how the attempt is now.
  virtual void Publish(const Attempt& attempt) = 0;
  // The table is about to drop the attempt: whoever was not told yet has to
  // ask again.
  virtual void Forget(const Attempt& attempt) = 0;
};

// All attempts that live or are not released. Plain code: no system call, no
// thread, no clock of its own. Not thread-safe.
class AttemptTable {
 public:
  explicit AttemptTable(AttemptEffects& effects) : effects_(effects) {}

  // Null when there is none. Valid until it is released.
  const Attempt* Find(const tutti::v1::AttemptKey& key) const;
  const Attempt* Find(AttemptId id) const;
  std::vector<AttemptId> All() const;
  size_t size() const { return attempts_.size(); }
  size_t CountRunning() const;
  // Attempts that are not final yet.
  size_t unfinished() const { return unfinished_; }

  // An attempt that was verified and that neither this table nor the ledger
  // knows. OnPlanned says whether it can run.
  void Start(const tutti::v1::AttemptKey& key, tutti::v1::JobSpec spec,
             absl::Time valid_until);
  // An attempt that may not run. It is kept until it is released or
  // kMaxRefused others were refused after it; asked for again it is refused
  // again.
  static constexpr size_t kMaxRefused = 4096;
  void Refuse(const tutti::v1::AttemptKey& key, std::string_view reason,
              const Moment& now);
  // An attempt of an earlier runner, with its final status; `recorded`: also
  // in the ledger. Positions by its spool file.
  void Restore(const tutti::v1::AttemptKey& key,
               const tutti::v1::AttemptStatus& status, uint64_t start_position,
               uint64_t end_position, bool recorded);
  // An attempt that an earlier runner started, by the ledger. `spec` holds its
  // limits. OnTakenUp or OnLost follows.
  void Await(const tutti::v1::AttemptKey& key, tutti::v1::JobSpec spec,
             const tutti::v1::AttemptStatus& status, uint64_t start_position,
             uint64_t end_position);
  // Without effect on an attempt that is unknown, has ended, or is already
  // being ended.
  void Stop(const tutti::v1::AttemptKey& key, EndCause cause,
            const Moment& now);
  void StopAll(EndCause cause, const Moment& now);
  // Only a final attempt can be released; true when it was.
  bool Release(const tutti::v1::AttemptKey& key);

  // `refusal` empty: nothing speaks against it.
  void OnPlanned(AttemptId id, const std::string& refusal, const Moment& now);
  // `error` empty: it is durable.
  void OnStartingRecorded(AttemptId id, const std::string& error,
                          const Moment& now);
  // `failure`: it could not be started. Otherwise OnEnded comes later.
  void OnStarted(AttemptId id, const std::optional<ProcessEnd>& failure,
                 const Moment& now);
  // An awaited one goes on as it was, or, without a state, as it must have
  // been.
  void OnTakenUp(AttemptId id, const std::optional<RunningState>& state,
                 const Moment& now);
  // An awaited one did not come back.
  void OnLost(AttemptId id, std::string reason, const Moment& now);
  void OnOutput(AttemptId id, uint64_t end_position, const Moment& now);
  // The main process has ended, and what it left behind was told to end.
  void OnMainEnded(AttemptId id, const Moment& now);
  // Process and tree are done with, the output is in the spool.
  void OnEnded(AttemptId id, const ProcessEnd& end, uint64_t end_position,
               const Moment& now);
  void OnEndRecorded(AttemptId id);

  // When OnTime wants to be called next, on the steady clock.
  std::optional<absl::Duration> NextDeadline() const;
  void OnTime(const Moment& now);

 private:
  Attempt& Insert(const tutti::v1::AttemptKey& key);
  Attempt* Mutable(AttemptId id);
  void Announce(Attempt& attempt, const Moment& now);
  void Publish(Attempt& attempt, const Moment& now);
  void TerminateWithGrace(Attempt& attempt, const Moment& now);
  void BeginToEnd(Attempt& attempt, EndCause cause, const Moment& now);
  void Finish(Attempt& attempt, const ProcessEnd& end, const Moment& now);
  void FinishUnstarted(Attempt& attempt, const Moment& now);
  void FinishRefused(Attempt& attempt, std::string_view reason,
                     const Moment& now);
  void SetFinal(Attempt& attempt);
  void DropOldestRefused();
  // Deadlines change only through here: it keeps `deadlines_` in step.
  void Reschedule(Attempt& attempt, absl::Duration before);

  AttemptEffects& effects_;
  AttemptId next_id_ = 1;
  size_t unfinished_ = 0;
  absl::flat_hash_map<AttemptId, std::unique_ptr<Attempt>> attempts_;
  absl::flat_hash_map<std::string, AttemptId> by_key_;
  // The oldest first; some may be released.
  std::deque<AttemptId> refused_;
  std::set<std::pair<absl::Duration, AttemptId>> deadlines_;
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_CORE_ATTEMPT_TABLE_H_
