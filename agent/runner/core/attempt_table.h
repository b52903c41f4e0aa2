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
#include "agent/runner/core/attempt.h"
#include "agent/runner/core/process_end.h"
#include "tutti/v1/envelope.pb.h"
#include "tutti/v1/task.pb.h"

namespace tutti::runner {

// What the table wants done. Implementations answer with the table's On…
// methods, never from within a call but for GiveUp, whose OnEnded may come at
// once.
class AttemptEffects {
 public:
  virtual ~AttemptEffects() = default;
  // OnConditionAnswered answers.
  virtual void AskCondition(const Attempt& attempt) = 0;
  // Nobody needs the answer any more.
  virtual void StopAsking(const Attempt& attempt) = 0;
  // OnStartingRecorded answers.
  virtual void RecordStarting(const Attempt& attempt) = 0;
  // OnStarted answers.
  virtual void StartProcess(const Attempt& attempt) = 0;
  // The signal to every process; those that stand still get it once they go on.
  virtual void SignalTree(const Attempt& attempt, int signal) = 0;
  // All processes stand still, and go on.
  virtual void FreezeTree(const Attempt& attempt) = 0;
  virtual void ThawTree(const Attempt& attempt) = 0;
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
  // kMaxWithoutTrace others ended like it, without a start and without a trace
  // in the ledger; asked for again it is refused again.
  static constexpr size_t kMaxWithoutTrace = 4096;
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
  // Without effect on an attempt that is unknown or has ended; on one that is
  // being ended only if it leaves less time. Of a rule a signal that does not
  // exist counts as TERM.
  void Stop(const tutti::v1::AttemptKey& key, EndCause cause,
            const tutti::v1::StopRule& rule, const Moment& now);
  void StopAll(EndCause cause, const Moment& now);
  // Stands still, or goes on; once it runs, if it does not yet. Without effect
  // on an attempt that is unknown, has ended, or is being ended.
  void Suspend(const tutti::v1::AttemptKey& key, bool suspend,
               const Moment& now);
  // Only a final attempt can be released; true when it was.
  bool Release(const tutti::v1::AttemptKey& key);

  // `refusal` empty: nothing speaks against it.
  void OnPlanned(AttemptId id, const std::string& refusal, const Moment& now);
  // A task whose condition does not hold is SKIPPED. Like one that is refused
  // it is kept for a while, and asked again when it comes again later.
  void OnConditionAnswered(AttemptId id, const ConditionAnswer& answer,
                           const Moment& now);
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
  // The process took input, or its input was closed.
  void OnInput(AttemptId id, const InputState& input, const Moment& now);
  // The main process has ended, and what it left behind was told to end.
  void OnMainEnded(AttemptId id, const Moment& now);
  // Process and tree are done with, the output is in the spool.
  void OnEnded(AttemptId id, ProcessEnd end, uint64_t end_position,
               const Moment& now);
  void OnEndRecorded(AttemptId id);

  // When OnTime wants to be called next, on the steady clock.
  std::optional<absl::Duration> NextDeadline() const;
  void OnTime(const Moment& now);

 private:
  Attempt& Insert(const tutti::v1::AttemptKey& key);
  Attempt* Mutable(AttemptId id);
  Attempt* Mutable(const tutti::v1::AttemptKey& key);
  // Exactly as it was.
  void GoOn(Attempt& attempt, const RunningState& state);
  void Announce(Attempt& attempt, const Moment& now);
  void Publish(Attempt& attempt, const Moment& now);
  // Now, or as soon as the last time is long enough ago.
  void PublishSoon(Attempt& attempt, const Moment& now);
  void Finish(Attempt& attempt, const ProcessEnd& end, const Moment& now);
  void FinishUnstarted(Attempt& attempt, const Moment& now);
  // It has left no trace, not even in the ledger.
  void FinishWithoutTrace(Attempt& attempt, tutti::v1::TaskState state,
                          std::string_view reason, const Moment& now);
  void Commit(Attempt& attempt);
  void SetFinal(Attempt& attempt);
  void DropOldestWithoutTrace();
  // Deadlines change only through here: it keeps `deadlines_` in step.
  void Reschedule(Attempt& attempt, absl::Duration before);

  // Stopping and suspending are in steering.cc.
  void BeginToEnd(Attempt& attempt, const Ending& ending, const Moment& now);
  void EndSooner(Attempt& attempt, const Ending& ending, const Moment& now);
  void Terminate(Attempt& attempt, const Moment& now);
  void Freeze(Attempt& attempt, const Moment& now);
  void Thaw(Attempt& attempt, const Moment& now);

  AttemptEffects& effects_;
  AttemptId next_id_ = 1;
  size_t unfinished_ = 0;
  absl::flat_hash_map<AttemptId, std::unique_ptr<Attempt>> attempts_;
  absl::flat_hash_map<std::string, AttemptId> by_key_;
  // The oldest first; some may be released.
  std::deque<AttemptId> without_trace_;
  std::set<std::pair<absl::Duration, AttemptId>> deadlines_;
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_CORE_ATTEMPT_TABLE_H_
