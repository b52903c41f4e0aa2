// A table of attempts whose effects are only noted.
#ifndef TESTS_UNIT_RUNNER_ATTEMPT_TABLE_FIXTURE_H_
#define TESTS_UNIT_RUNNER_ATTEMPT_TABLE_FIXTURE_H_

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/runner/core/attempt_table.h"
#include "common/base/duration.h"

namespace tutti::runner {

inline constexpr absl::Time kStart = absl::FromUnixSeconds(1'767'225'600);

// What the table wanted done, in order.
class FakeAttemptEffects final : public AttemptEffects {
 public:
  void AskCondition(const Attempt&) override { done.push_back("ask"); }
  void StopAsking(const Attempt&) override { done.push_back("stop asking"); }
  void RecordStarting(const Attempt&) override { done.push_back("starting"); }
  void StartProcess(const Attempt&) override { done.push_back("start"); }
  void SignalTree(const Attempt&, int signal) override {
    done.push_back(signal == SIGTERM ? "terminate"
                                     : fmt::format("signal {}", signal));
  }
  void FreezeTree(const Attempt&) override { done.push_back("freeze"); }
  void ThawTree(const Attempt&) override { done.push_back("thaw"); }
  void KillTree(const Attempt&) override { done.push_back("kill"); }
  void GiveUp(const Attempt&) override { done.push_back("give up"); }
  void RecordEnded(const Attempt&) override { done.push_back("ended"); }
  void Publish(const Attempt& attempt) override {
    done.push_back(
        "publish " +
        tutti::v1::TaskState_Name(attempt.status.state()).substr(11));
  }
  void Forget(const Attempt& attempt) override {
    done.push_back(fmt::format("forget {}", attempt.key.attempt()));
  }

  std::vector<std::string> Take() { return std::exchange(done, {}); }

  std::vector<std::string> done;
};

class AttemptTableTest : public ::testing::Test {
 protected:
  AttemptTableTest() {
    key_.set_job_uuid("0123456789abcdef");
    key_.set_attempt(1);
    key_.set_target("web01");
    *spec_.mutable_grace() = ToProto(absl::Seconds(3));
  }

  Moment Now() const { return {kStart + passed_, absl::Hours(1) + passed_}; }

  // Time passes, and the table is told as often as it wants.
  void Pass(absl::Duration duration) {
    const absl::Duration until = Now().steady + duration;
    while (table_.NextDeadline().value_or(absl::InfiniteDuration()) <= until) {
      passed_ += *table_.NextDeadline() - Now().steady;
      table_.OnTime(Now());
    }
    passed_ += until - Now().steady;
  }

  AttemptId Plan() {
    table_.Start(key_, spec_, kStart + absl::Hours(1));
    return table_.Find(key_)->id;
  }
  AttemptId Start() {
    const AttemptId id = Plan();
    table_.OnPlanned(id, "", Now());
    return id;
  }

  // Up to the running process.
  AttemptId StartAndRun() {
    const AttemptId id = Start();
    table_.OnStartingRecorded(id, "", Now());
    table_.OnStarted(id, std::nullopt, Now());
    effects_.Take();
    return id;
  }

  void Stop(int signal = 0, std::optional<absl::Duration> grace = {}) {
    tutti::v1::StopRule rule;
    rule.set_signal(signal);
    if (grace.has_value()) *rule.mutable_grace() = ToProto(*grace);
    table_.Stop(key_, EndCause::kStopped, rule, Now());
  }
  void Suspend(bool suspend) { table_.Suspend(key_, suspend, Now()); }

  static ProcessEnd Exit(int status) {
    ProcessEnd end;
    end.wait_status = status << 8;
    return end;
  }
  static ProcessEnd Killed(int signal) {
    ProcessEnd end;
    end.wait_status = signal;
    return end;
  }

  const tutti::v1::AttemptStatus& StatusAfter(AttemptId id,
                                              const ProcessEnd& end) {
    table_.OnEnded(id, end, 0, Now());
    table_.OnEndRecorded(id);
    return table_.Find(id)->status;
  }

  absl::Duration passed_;
  tutti::v1::AttemptKey key_;
  tutti::v1::JobSpec spec_;
  FakeAttemptEffects effects_;
  AttemptTable table_{effects_};
};

class AwaitedAttemptTest : public AttemptTableTest {
 protected:
  // Started a minute ago by an earlier runner.
  AttemptId Await() {
    *spec_.mutable_timeout() = ToProto(absl::Seconds(90));
    tutti::v1::AttemptStatus status;
    status.set_state(tutti::v1::TASK_STATE_RUNNING);
    *status.mutable_started_at() = ToProto(Now().wall - absl::Minutes(1));
    table_.Await(key_, spec_, status, 16, 99);
    return table_.Find(key_)->id;
  }
};

}  // namespace tutti::runner

#endif  // TESTS_UNIT_RUNNER_ATTEMPT_TABLE_FIXTURE_H_
