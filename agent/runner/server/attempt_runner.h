// Carries out what the table of attempts decides.
#ifndef AGENT_RUNNER_SERVER_ATTEMPT_RUNNER_H_
#define AGENT_RUNNER_SERVER_ATTEMPT_RUNNER_H_

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "agent/runner/core/attempt_table.h"
#include "agent/runner/kinds/kind.h"
#include "agent/runner/ledger/ledger.h"
#include "agent/runner/processes/event_loop.h"
#include "agent/runner/processes/process_launcher.h"
#include "agent/runner/processes/user_directory.h"
#include "agent/runner/server/condition_check.h"
#include "agent/runner/server/task.h"
#include "agent/runner/spool/spool_folder.h"
#include "agent/runner/verification/verifier.h"
#include "common/base/clock.h"
#include "tutti/runner/v1/held_task.pb.h"
#include "tutti/runner/v1/runner.pb.h"

namespace tutti::runner {

// Ledger, spool and processes on one side, the table on the other. One thread
// only, the loop's.
class AttemptRunner final : private AttemptEffects {
 public:
  struct Options {
    KindSettings kinds;
    LaunchSettings launch;
    // Called whenever an attempt is to be told of.
    absl::AnyInvocable<void(AttemptId)> on_changed;
    // Called before an attempt goes that nobody has released.
    absl::AnyInvocable<void(AttemptId)> on_forgotten;
    // Called with the answer to Check.
    absl::AnyInvocable<void(const tutti::v1::AttemptVerdict&)> on_verdict;
  };
  // What it works with; `loop`, `verifier` and `clock` must outlive it.
  struct Parts {
    EventLoop& loop;
    Verifier& verifier;
    const Clock& clock;
    std::unique_ptr<Ledger> ledger;
    std::unique_ptr<SpoolFolder> spool;
    std::unique_ptr<ProcessLauncher> launcher;
    std::unique_ptr<UserDirectory> users;
  };

  // Takes up what an earlier runner left in ledger and spool. What had started
  // and not ended is awaited for a while, and UNKNOWN if nobody returns it.
  static absl::StatusOr<std::unique_ptr<AttemptRunner>> Create(Options options,
                                                               Parts parts);
  ~AttemptRunner() override;

  // The state of an attempt that is known already, in the table (by id) or in
  // the ledger alone; nothing when it was new and was started or refused.
  struct Known {
    std::optional<AttemptId> id;
    std::optional<v1::AttemptState> state;
  };
  Known Start(const v1::StartAttempt& start);
  // Whether Start would start it, as far as can be told beforehand. Leaves no
  // trace in table and ledger.
  void Check(const v1::StartAttempt& start);
  void Stop(const tutti::v1::AttemptKey& key, const tutti::v1::StopRule& rule);
  void Suspend(const tutti::v1::AttemptKey& key, bool suspend);
  // A serialised tutti.v1.SignedInput; ignored when it does not run.
  void GiveInput(const tutti::v1::AttemptKey& key, std::string_view chunk);
  void Acknowledge(const tutti::v1::AttemptKey& key, uint64_t position);
  void Release(const tutti::v1::AttemptKey& key);
  // Ends everything; nothing starts any more.
  void ShutDown();

  // A task that somebody held; closed without effect if it is not awaited.
  void TakeUp(ReturnedTask task);
  // Nobody will return anything any more.
  void EndAwaiting();
  // What somebody may hold for the next runner; empty when it does not run.
  std::optional<HeldDescription> DescribeForOthers(AttemptId id) const;

  // Tasks that a runner handed over which was this process before.
  void TakeOver(const v1::Handover& handover);
  // True when all there is stands in ledger and spool or can be handed over;
  // starts nothing to get there.
  bool IsSettled();
  // All that runs. The descriptors stay this runner's.
  v1::Handover MakeHandover() const;

  const AttemptTable& table() const { return table_; }
  // Empty when it was released meanwhile.
  std::optional<v1::AttemptState> StateOf(AttemptId id) const;

  Moment Now() const;

  // Does what is due. Returns how long the loop may wait for events.
  absl::Duration Work();

 private:
  // An attempt's outside.
  struct Outside {
    // Until it is started.
    std::unique_ptr<Launch> launch;
    // Until it is asked.
    std::unique_ptr<Launch> question;
    // Null once it is final and has no output.
    std::unique_ptr<SpoolWriter> spool;
    // While it runs.
    std::unique_ptr<Task> task;
  };
  // An append to the ledger that is on its way.
  struct Recording {
    AttemptId id = 0;
    bool ended = false;
  };

  AttemptRunner(Options options, Parts parts, std::string boot_id);
  absl::Status WatchLedger();
  void Recover();
  void RecoverOne(const LedgerIndex::Known& known);
  void AwaitOne(const LedgerIndex::Known& known,
                const std::optional<SpoolExtent>& extent);
  std::unique_ptr<SpoolWriter> TakeUpSpool(
      const tutti::v1::AttemptKey& key,
      const std::optional<SpoolExtent>& extent);
  std::unique_ptr<Task> MakeTask(const Attempt& attempt);
  // Null when there is none.
  Outside* FindOutside(const tutti::v1::AttemptKey& key);
  void Resume(ReturnedTask task, const v1::HandedTask* handed);
  std::optional<HeldDescription> Describe(AttemptId id) const;
  void TakeCommits();
  void HandleCommit(const Ledger::Commit& commit);
  // What it runs, and as whom. Lays what the target says over its spec.
  struct Planned {
    JobWork work;
    UserQuery user;
  };
  absl::StatusOr<Planned> PlanKind(VerifiedAttempt& verified) const;
  void OnUserFound(AttemptId id, const absl::StatusOr<User>& user,
                   JobWork work);
  void AnswerCheck(const tutti::v1::AttemptKey& key,
                   const absl::Status& answer);
  // The error is a reason to refuse it.
  absl::StatusOr<Launch> Plan(const tutti::v1::JobSpec& spec,
                              const tutti::v1::AttemptKey& key,
                              const absl::StatusOr<User>& user,
                              JobWork work) const;
  // The same for the process that asks its condition.
  absl::StatusOr<Launch> PlanQuestion(const tutti::v1::JobSpec& spec,
                                      const tutti::v1::AttemptKey& key,
                                      const User& user) const;
  void OnStarted(AttemptId id, const std::optional<ProcessEnd>& failure);
  void OnOutput(AttemptId id);
  void OnEnded(AttemptId id, const ProcessEnd& end);
  void ResumeBlocked();
  void Maintain(absl::Duration steady);
  std::optional<v1::AttemptState> StateInLedger(
      const tutti::v1::AttemptKey& key) const;

  // AttemptEffects:
  void AskCondition(const Attempt& attempt) override;
  void StopAsking(const Attempt& attempt) override;
  void RecordStarting(const Attempt& attempt) override;
  void StartProcess(const Attempt& attempt) override;
  void SignalTree(const Attempt& attempt, int signal) override;
  void FreezeTree(const Attempt& attempt) override;
  void ThawTree(const Attempt& attempt) override;
  void KillTree(const Attempt& attempt) override;
  void GiveUp(const Attempt& attempt) override;
  void RecordEnded(const Attempt& attempt) override;
  void Publish(const Attempt& attempt) override;
  void Forget(const Attempt& attempt) override;

  Options options_;
  EventLoop& loop_;
  Verifier& verifier_;
  const Clock& clock_;
  const std::unique_ptr<SpoolFolder> spool_;
  const std::unique_ptr<ProcessLauncher> launcher_;
  const std::unique_ptr<UserDirectory> users_;
  const std::string boot_id_;
  AttemptTable table_;
  absl::flat_hash_map<AttemptId, Outside> outsides_;
  absl::flat_hash_set<AttemptId> blocked_;
  // Tasks that ended during a callback of their own.
  std::vector<std::unique_ptr<Task>> ended_tasks_;
  absl::flat_hash_map<AttemptId, std::unique_ptr<ConditionCheck>> conditions_;
  // Of them, those that are done, perhaps during a callback of their own.
  std::vector<AttemptId> answered_;
  EventLoop::Watch ledger_watch_ = 0;
  // In order of the appends, as the commits are.
  std::deque<Recording> recordings_;
  std::deque<Ledger::Commit> commits_;
  absl::Duration next_maintenance_;
  // Until then tasks may be returned; infinite: none is awaited.
  absl::Duration await_until_ = absl::InfiniteDuration();
  absl::Duration next_retry_ = absl::InfiniteDuration();
  bool shutting_down_ = false;
  // Last, so that its thread ends first.
  const std::unique_ptr<Ledger> ledger_;
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_SERVER_ATTEMPT_RUNNER_H_
