// What the table of attempts wants done: AttemptRunner's effects, and what they
// come to.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "agent/runner/server/attempt_runner.h"
#include "common/base/duration.h"
#include "common/base/status_macros.h"
#include "common/jobs/spec_traits.h"

namespace tutti::runner {
namespace {

// How much longer than any envelope is valid the ledger remembers.
constexpr absl::Duration kRememberLonger = absl::Hours(24);
// A task that could not write (a full disk) tries again so often.
constexpr absl::Duration kRetryEvery = absl::Seconds(1);

}  // namespace

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

void AttemptRunner::StopAsking(const Attempt& attempt) {
  ConditionCheck& condition = *conditions_.at(attempt.id);
  condition.Stop();
  if (condition.done()) answered_.push_back(attempt.id);
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
  starting.set_yields(TellsYield(spec));
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
  } else if (attempt.spec.input().has_content()) {
    input = {std::nullopt, attempt.key};
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
