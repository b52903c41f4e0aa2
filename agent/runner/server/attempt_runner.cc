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
#include "common/jobs/work_summary.h"
#include "common/text/lines.h"

namespace tutti::runner {
namespace {

// How much longer than any envelope is valid the ledger remembers.
constexpr absl::Duration kRememberLonger = absl::Hours(24);
constexpr absl::Duration kMaintainEvery = absl::Minutes(1);
// A task that could not write (a full disk) tries again so often.
constexpr absl::Duration kRetryEvery = absl::Seconds(1);
// Whoever holds tasks for us connects again every 200 ms.
constexpr absl::Duration kAwaitFor = absl::Seconds(10);
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

void AttemptRunner::Recover() {
  for (const LedgerIndex::Known& known : ledger_->index().All()) {
    RecoverOne(known);
  }
  spool_->DeleteUnclaimed();
  spool_->DeleteExpired(clock_.Now());
  if (await_until_ == absl::InfiniteDuration()) launcher_->EndLeftovers();
}

void AttemptRunner::RecoverOne(const LedgerIndex::Known& known) {
  if (known.entry.released) {
    if (known.entry.no_keep) return spool_->Delete(known.key);
    return spool_->Retain(known.key, known.entry.released_at);
  }
  const std::optional<SpoolExtent> extent = spool_->Recover(known.key);
  storage::v1::AttemptEnded ended;
  ended.ParseFromString(known.entry.ended);
  const bool recorded = !known.entry.ended.empty();
  if (!recorded && known.entry.boot_id == boot_id_) {
    return AwaitOne(known, extent);
  }
  if (!recorded) {
    tutti::v1::AttemptStatus& status = *ended.mutable_status();
    status.set_state(tutti::v1::TASK_STATE_UNKNOWN);
    status.mutable_outcome()->set_reason(
        "the host was restarted while it ran; its exit status is lost");
    *status.mutable_started_at() = ToProto(known.entry.started_at);
    *status.mutable_ended_at() = ToProto(clock_.Now());
  }
  if (!extent.has_value()) {
    return table_.Restore(known.key, ended.status(), ended.end_position(),
                          ended.end_position(), recorded);
  }
  std::unique_ptr<SpoolWriter> spool = TakeUpSpool(known.key, extent);
  table_.Restore(known.key, ended.status(), extent->start, spool->end(),
                 recorded);
  outsides_[table_.Find(known.key)->id].spool = std::move(spool);
}

// Says in it what of it is lost.
std::unique_ptr<SpoolWriter> AttemptRunner::TakeUpSpool(
    const tutti::v1::AttemptKey& key,
    const std::optional<SpoolExtent>& extent) {
  auto spool = std::make_unique<SpoolWriter>(*spool_, key, extent);
  if (!extent.has_value() || extent->lost == 0) return spool;
  const absl::Status told = spool->WriteEvent(
      fmt::format("output is missing here: {} bytes of the spool file were "
                  "damaged, as by a power cut",
                  extent->lost),
      clock_.Now());
  if (!told.ok()) log::Error("{}", TextOf(told));
  return spool;
}

void AttemptRunner::AwaitOne(const LedgerIndex::Known& known,
                             const std::optional<SpoolExtent>& extent) {
  storage::v1::AttemptStarting limits;
  limits.ParseFromString(known.entry.limits);
  tutti::v1::JobSpec spec;
  if (limits.has_timeout()) *spec.mutable_timeout() = limits.timeout();
  if (limits.has_grace()) *spec.mutable_grace() = limits.grace();
  spec.set_keep_children(limits.keep_children());
  if (limits.yields()) spec.mutable_query();
  tutti::v1::AttemptStatus status;
  status.set_state(tutti::v1::TASK_STATE_RUNNING);
  *status.mutable_started_at() = ToProto(known.entry.started_at);
  std::unique_ptr<SpoolWriter> spool = TakeUpSpool(known.key, extent);
  table_.Await(known.key, std::move(spec), status, extent ? extent->start : 0,
               spool->end());
  outsides_[table_.Find(known.key)->id].spool = std::move(spool);
  await_until_ = Now().steady + kAwaitFor;
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

absl::StatusOr<Launch> AttemptRunner::PlanQuestion(
    const tutti::v1::JobSpec& spec, const tutti::v1::AttemptKey& key,
    const User& user) const {
  tutti::v1::JobSpec query;
  query.set_fleet(spec.fleet());
  query.set_target_count(spec.target_count());
  query.set_group(spec.group());
  *query.mutable_environment() = spec.environment();
  *query.mutable_query() = spec.condition();
  TUTTI_ASSIGN_OR_RETURN(JobWork work, PlanWork({query, {}}, options_.kinds));
  TUTTI_ASSIGN_OR_RETURN(
      Launch question,
      PlanLaunch(query, key, options_.launch, user, std::move(work)));
  MakeQuestion(question);
  return question;
}

void AttemptRunner::AskCondition(const Attempt& attempt) {
  const AttemptId id = attempt.id;
  auto& condition = conditions_[id];
  condition = std::make_unique<ConditionCheck>(
      loop_, [this, id](const ConditionAnswer& answer) {
        answered_.push_back(id);
        table_.OnConditionAnswered(id, answer, Now());
      });
  condition->Start(*launcher_, std::move(outsides_.at(id).question));
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

void AttemptRunner::RecordStarting(const Attempt& attempt) {
  storage::v1::LedgerRecord record;
  *record.mutable_key() = attempt.key;
  storage::v1::AttemptStarting& starting = *record.mutable_starting();
  *starting.mutable_time() = ToProto(clock_.Now());
  starting.set_boot_id(boot_id_);
  *starting.mutable_keep_until() =
      ToProto(attempt.valid_until + kRememberLonger);
  const tutti::v1::JobSpec& spec = attempt.spec;
  if (spec.has_timeout()) *starting.mutable_timeout() = spec.timeout();
  if (spec.has_grace()) *starting.mutable_grace() = spec.grace();
  starting.set_keep_children(spec.keep_children());
  starting.set_no_keep(spec.no_keep());
  starting.set_yields(spec.has_query());
  recordings_.push_back({attempt.id, false});
  // It would wait for those before it in any case.
  if (launcher_->busy() || !commits_.empty()) {
    ledger_->AppendSoon(record);
  } else {
    ledger_->Append(record);
  }
}

void AttemptRunner::StartProcess(const Attempt& attempt) {
  Outside& outside = outsides_[attempt.id];
  outside.spool = std::make_unique<SpoolWriter>(*spool_, attempt.key);
  outside.task = MakeTask(attempt);
  std::optional<InputRules> input;
  if (attempt.spec.input().has_stream()) {
    input = {attempt.spec.input().stream().public_key(), attempt.key};
  }
  outside.task->Start(*launcher_, std::move(outside.launch), std::move(input));
}

std::unique_ptr<Task> AttemptRunner::MakeTask(const Attempt& attempt) {
  const AttemptId id = attempt.id;
  return std::make_unique<Task>(
      loop_, *outsides_.at(id).spool, clock_, attempt.spec.keep_children(),
      Task::Callbacks{
          .on_started =
              [this, id](const std::optional<ProcessEnd>& failure) {
                OnStarted(id, failure);
              },
          .on_output = [this, id] { OnOutput(id); },
          .on_input =
              [this, id](const InputState& input) {
                table_.OnInput(id, input, Now());
              },
          .on_blocked =
              [this, id] {
                blocked_.insert(id);
                next_retry_ = std::min(next_retry_, Now().steady + kRetryEvery);
              },
          .on_killing_leftovers = [this, id] { table_.OnMainEnded(id, Now()); },
          .on_ended = [this, id](const ProcessEnd& end) { OnEnded(id, end); }});
}

void AttemptRunner::OnStarted(AttemptId id,
                              const std::optional<ProcessEnd>& failure) {
  if (failure.has_value()) {
    ended_tasks_.push_back(std::move(outsides_.at(id).task));
  }
  table_.OnStarted(id, failure, Now());
}

void AttemptRunner::OnOutput(AttemptId id) {
  table_.OnOutput(id, outsides_.at(id).spool->end(), Now());
}

void AttemptRunner::OnEnded(AttemptId id, const ProcessEnd& end) {
  Outside& outside = outsides_.at(id);
  const uint64_t end_position = outside.spool->end();
  ended_tasks_.push_back(std::move(outside.task));
  table_.OnEnded(id, end, end_position, Now());
}

void AttemptRunner::SignalTree(const Attempt& attempt, int signal) {
  outsides_.at(attempt.id).task->Terminate(signal);
}

void AttemptRunner::FreezeTree(const Attempt& attempt) {
  outsides_.at(attempt.id).task->Freeze();
}

void AttemptRunner::ThawTree(const Attempt& attempt) {
  outsides_.at(attempt.id).task->Thaw();
}

void AttemptRunner::KillTree(const Attempt& attempt) {
  outsides_.at(attempt.id).task->Kill();
}

void AttemptRunner::GiveUp(const Attempt& attempt) {
  outsides_.at(attempt.id).task->GiveUp();
}

void AttemptRunner::StopAsking(const Attempt& attempt) {
  ConditionCheck& condition = *conditions_.at(attempt.id);
  condition.Stop();
  if (condition.done()) answered_.push_back(attempt.id);
}

void AttemptRunner::RecordEnded(const Attempt& attempt) {
  storage::v1::LedgerRecord record;
  *record.mutable_key() = attempt.key;
  *record.mutable_ended()->mutable_status() = attempt.status;
  record.mutable_ended()->set_end_position(attempt.end_position);
  FileDescriptor file;
  Outside& outside = outsides_[attempt.id];
  outside.launch.reset();
  if (outside.spool == nullptr) {
    outside.spool = std::make_unique<SpoolWriter>(*spool_, attempt.key);
  }
  file = outside.spool->TakeFile();
  recordings_.push_back({attempt.id, true});
  // Where others run as well, their ends may come any moment.
  if (table_.unfinished() > 1) {
    ledger_->AppendSoon(record, std::move(file));
  } else {
    ledger_->Append(record, std::move(file));
  }
}

void AttemptRunner::Publish(const Attempt& attempt) {
  const auto outside = outsides_.find(attempt.id);
  if (attempt.phase == AttemptPhase::kFinal && outside != outsides_.end()) {
    // It will not start any more, and there may be secrets in it.
    outside->second.launch.reset();
  }
  options_.on_changed(attempt.id);
}

void AttemptRunner::Forget(const Attempt& attempt) {
  outsides_.erase(attempt.id);
  options_.on_forgotten(attempt.id);
}

}  // namespace tutti::runner
