#include "agent/runner/server/attempt_runner.h"

#include <sys/epoll.h>
#include <time.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/jobs/spec_traits.h"
#include "common/jobs/work_summary.h"
#include "common/text/lines.h"

namespace tutti::runner {
namespace {

constexpr absl::Duration kMaintainEvery = absl::Minutes(1);
// So many starts before the loop looks after those that run.
constexpr int kCommitsAtOnce = 8;

std::string TextOrEmpty(const absl::Status& status) {
  return status.ok() ? "" : std::string(TextOf(status));
}

}  // namespace

absl::StatusOr<std::unique_ptr<AttemptRunner>> AttemptRunner::Create(
    Options options, Parts parts) {
  TUTTI_ASSIGN_OR_RETURN(std::string boot_id,
                         ReadFile("/proc/sys/kernel/random/boot_id"));
  auto runner = std::unique_ptr<AttemptRunner>(new AttemptRunner(
      std::move(options), std::move(parts), std::string(Trimmed(boot_id))));
  TUTTI_RETURN_IF_ERROR(runner->WatchLedger());
  runner->Recover();
  return runner;
}

AttemptRunner::AttemptRunner(Options options, Parts parts, std::string boot_id)
    : options_(std::move(options)),
      loop_(parts.loop),
      verifier_(parts.verifier),
      clock_(parts.clock),
      spool_(std::move(parts.spool)),
      launcher_(std::move(parts.launcher)),
      users_(std::move(parts.users)),
      boot_id_(std::move(boot_id)),
      table_(*this),
      ledger_(std::move(parts.ledger)) {
  next_maintenance_ = Now().steady + kMaintainEvery;
}

AttemptRunner::~AttemptRunner() { loop_.Remove(ledger_watch_); }

absl::Status AttemptRunner::WatchLedger() {
  TUTTI_ASSIGN_OR_RETURN(ledger_watch_,
                         loop_.Add(ledger_->commit_fd(), EPOLLIN,
                                   [this](uint32_t) { TakeCommits(); }));
  return absl::OkStatus();
}

Moment AttemptRunner::Now() const {
  timespec steady;
  clock_gettime(CLOCK_MONOTONIC, &steady);
  return {clock_.Now(), absl::DurationFromTimespec(steady)};
}

AttemptRunner::Known AttemptRunner::Start(const v1::StartAttempt& start) {
  const tutti::v1::AttemptKey& key = start.key();
  if (const Attempt* attempt = table_.Find(key)) {
    return {attempt->id, std::nullopt};
  }
  if (ledger_->index().Find(key) != nullptr) {
    return {std::nullopt, StateInLedger(key)};
  }
  if (shutting_down_) return {};
  absl::StatusOr<VerifiedAttempt> verified =
      verifier_.Verify(start.envelope(), start.proof(), key, start.parameters(),
                       start.secrets());
  absl::StatusOr<Planned> planned =
      verified.ok() ? PlanKind(*verified)
                    : absl::StatusOr<Planned>(verified.status());
  if (!planned.ok()) {
    log::Warning("refused: {}", TextOf(planned.status()));
    table_.Refuse(key, TextOf(planned.status()), Now());
    return {};
  }
  log::Debug("{} starts a {}", verified->signer.name, KindName(verified->spec));
  table_.Start(key, std::move(verified->spec), verified->valid_until);
  users_->Find(
      planned->user, clock_.Now(),
      [this, id = table_.Find(key)->id, work = std::move(planned->work)](
          const absl::StatusOr<User>& found) mutable {
        OnUserFound(id, found, std::move(work));
      });
  return {};
}

void AttemptRunner::OnUserFound(AttemptId id, const absl::StatusOr<User>& user,
                                JobWork work) {
  const Attempt* attempt = table_.Find(id);
  // Stopped, and perhaps released, meanwhile.
  if (attempt == nullptr || attempt->phase != AttemptPhase::kPlanning) return;
  absl::StatusOr<Launch> launch =
      Plan(attempt->spec, attempt->key, user, std::move(work));
  absl::Status planned = launch.status();
  if (planned.ok() && attempt->spec.has_condition()) {
    absl::StatusOr<Launch> question =
        PlanQuestion(attempt->spec, attempt->key, *user);
    planned = question.status();
    if (planned.ok()) {
      outsides_[id].question = std::make_unique<Launch>(*std::move(question));
    }
  }
  if (planned.ok()) {
    outsides_[id].launch = std::make_unique<Launch>(*std::move(launch));
  }
  table_.OnPlanned(id, TextOrEmpty(planned), Now());
}

void AttemptRunner::Stop(const tutti::v1::AttemptKey& key,
                         const tutti::v1::StopRule& rule) {
  table_.Stop(key, EndCause::kStopped, rule, Now());
}

void AttemptRunner::Suspend(const tutti::v1::AttemptKey& key, bool suspend) {
  table_.Suspend(key, suspend, Now());
}

void AttemptRunner::GiveInput(const tutti::v1::AttemptKey& key,
                              std::string_view chunk) {
  Outside* outside = FindOutside(key);
  if (outside != nullptr && outside->task != nullptr) {
    outside->task->GiveInput(chunk);
  }
}

void AttemptRunner::Acknowledge(const tutti::v1::AttemptKey& key,
                                uint64_t position) {
  Outside* outside = FindOutside(key);
  if (outside == nullptr || outside->spool == nullptr) return;
  SpoolWriter& spool = *outside->spool;
  spool.Acknowledge(position);
  const LedgerEntry* entry = ledger_->index().Find(key);
  if (entry != nullptr && entry->no_keep) spool.Trim(spool.held());
  ResumeBlocked();
}

AttemptRunner::Outside* AttemptRunner::FindOutside(
    const tutti::v1::AttemptKey& key) {
  const Attempt* attempt = table_.Find(key);
  if (attempt == nullptr) return nullptr;
  const auto found = outsides_.find(attempt->id);
  return found == outsides_.end() ? nullptr : &found->second;
}

void AttemptRunner::Release(const tutti::v1::AttemptKey& key) {
  const Attempt* attempt = table_.Find(key);
  if (attempt == nullptr) return;
  const AttemptId id = attempt->id;
  if (!table_.Release(key)) return;
  const absl::Time now = clock_.Now();
  // What was refused has never been in the ledger.
  const LedgerEntry* entry = ledger_->index().Find(key);
  if (entry != nullptr && entry->no_keep) {
    spool_->Delete(key);
  } else {
    spool_->Retain(key, now);
  }
  outsides_.erase(id);
  if (entry != nullptr) {
    storage::v1::LedgerRecord record;
    *record.mutable_key() = key;
    *record.mutable_released()->mutable_time() = ToProto(now);
    ledger_->AppendLazily(record);
  }
  ResumeBlocked();
}

void AttemptRunner::ShutDown() {
  if (std::exchange(shutting_down_, true)) return;
  if (const size_t running = table_.CountRunning(); running > 0) {
    log::Warning("shutting down: ending {} attempts that still run", running);
  }
  table_.StopAll(EndCause::kShutDown, Now());
  EndAwaiting();
}

std::optional<v1::AttemptState> AttemptRunner::StateOf(AttemptId id) const {
  const Attempt* attempt = table_.Find(id);
  // Until "starting" is durable nobody may count on it.
  if (attempt == nullptr || attempt->phase <= AttemptPhase::kCommitting) {
    return std::nullopt;
  }
  v1::AttemptState state;
  *state.mutable_key() = attempt->key;
  *state.mutable_status() = attempt->status;
  state.set_end_position(attempt->end_position);
  state.set_start_position(attempt->start_position);
  state.set_input_taken(attempt->input.taken);
  state.set_input_closed(attempt->input.closed);
  const auto outside = outsides_.find(id);
  if (outside != outsides_.end() && outside->second.spool != nullptr) {
    state.set_end_position(outside->second.spool->end());
    state.set_start_position(outside->second.spool->start());
  }
  return state;
}

std::optional<v1::AttemptState> AttemptRunner::StateInLedger(
    const tutti::v1::AttemptKey& key) const {
  const LedgerEntry* entry = ledger_->index().Find(key);
  storage::v1::AttemptEnded ended;
  if (entry == nullptr || !ended.ParseFromString(entry->ended)) {
    return std::nullopt;
  }
  v1::AttemptState state;
  *state.mutable_key() = key;
  *state.mutable_status() = ended.status();
  SetReason(ended.status().outcome().reason(), *state.mutable_status());
  state.set_end_position(ended.end_position());
  state.set_input_closed(true);
  // The file may be gone any moment.
  state.set_start_position(ended.end_position());
  return state;
}

absl::Duration AttemptRunner::Work() {
  for (int i = 0; i < kCommitsAtOnce && !commits_.empty(); ++i) {
    const Ledger::Commit commit = std::move(commits_.front());
    commits_.pop_front();
    HandleCommit(commit);
  }
  const Moment now = Now();
  table_.OnTime(now);
  if (now.steady >= next_retry_) ResumeBlocked();
  if (now.steady >= await_until_) EndAwaiting();
  if (now.steady >= next_maintenance_) Maintain(now.steady);
  ended_tasks_.clear();
  for (const AttemptId id : std::exchange(answered_, {})) conditions_.erase(id);
  if (!commits_.empty()) return absl::ZeroDuration();
  const absl::Duration next =
      std::min({table_.NextDeadline().value_or(absl::InfiniteDuration()),
                next_retry_, await_until_, next_maintenance_});
  return next - now.steady;
}

void AttemptRunner::Maintain(absl::Duration steady) {
  next_maintenance_ = steady + kMaintainEvery;
  spool_->DeleteExpired(clock_.Now());
  ledger_->DropExpired(clock_.Now());
}

void AttemptRunner::ResumeBlocked() {
  next_retry_ = absl::InfiniteDuration();
  for (const AttemptId id : std::exchange(blocked_, {})) {
    const auto outside = outsides_.find(id);
    if (outside != outsides_.end() && outside->second.task != nullptr) {
      outside->second.task->Resume();
    }
  }
}

void AttemptRunner::TakeCommits() {
  for (Ledger::Commit& commit : ledger_->TakeCommits()) {
    commits_.push_back(std::move(commit));
  }
}

void AttemptRunner::HandleCommit(const Ledger::Commit& commit) {
  const Recording recording = recordings_.front();
  recordings_.pop_front();
  if (!recording.ended) {
    return table_.OnStartingRecorded(recording.id, TextOrEmpty(commit.status),
                                     Now());
  }
  // Not durable, but true: the controller is to know all the same.
  table_.OnEndRecorded(recording.id);
  const auto outside = outsides_.find(recording.id);
  if (outside != outsides_.end() && outside->second.spool->end() == 0) {
    outsides_.erase(outside);
  }
}

}  // namespace tutti::runner
