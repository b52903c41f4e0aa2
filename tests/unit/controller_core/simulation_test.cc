// A small fleet that does what it likes: cuts, restarts of the controller,
// slow journals, stops, in any order. Whatever happens, every task ends once,
// what has ended is not assigned again, and watchers get every byte.
#include <map>
#include <random>
#include <utility>

#include "common/base/duration.h"
#include "tests/unit/controller_core/core_fixture.h"

namespace tutti::testing {
namespace {

// One attempt as a target has it.
struct Attempt {
  v1::AttemptKey key;
  std::vector<v1::OutputChunk> chunks;
  uint64_t end_position = 16;
  // What was sent, as far as the target knows.
  uint64_t sent = 0;
  v1::TaskState state = v1::TASK_STATE_RUNNING;
  bool started = false;
  bool forgotten = false;
};

class SimulationTest : public CoreFixture {
 protected:
  void Run(uint32_t seed);

 private:
  uint32_t Random(uint32_t below) { return random_() % below; }

  void Step();
  void Finish();
  // Takes what the core sent to one target.
  void Deliver(const std::string& name);
  // Whether it would start it.
  void Answer(controller::SessionId session, const v1::AttemptKey& key);
  void Obey(Attempt& attempt, const v1::AttemptDirective& directive,
            bool welcome);
  void Produce(Attempt& attempt);
  void SendOutput(const std::string& name, Attempt& attempt);
  void SendEnd(const std::string& name, Attempt& attempt);
  void Hello(const std::string& name);
  v1::AttemptReport Describe(const Attempt& attempt) const;
  void StartOne();
  v1::Rollout RandomRollout();

  // Never two of a rack at once, where that was asked for.
  void CheckRacks();
  void CheckCounts(const v1::Job& job);
  void CheckEnd();

  std::mt19937 random_;
  std::vector<std::string> agents_;
  // Targets' attempts by name and job UUID; kept for ever, as the ledger is.
  std::map<std::string, std::map<std::string, Attempt>> attempts_;
  std::vector<uint64_t> jobs_;
  // 0: no limit.
  std::map<uint64_t, uint32_t> max_failures_;
  std::vector<uint64_t> one_of_a_rack_;
  controller::WatchId next_watch_ = 1;
};

void SimulationTest::Run(uint32_t seed) {
  random_.seed(seed);
  agents_ = {"web01", "web02", "web03", "web04"};
  attempts_.clear();
  jobs_.clear();
  one_of_a_rack_.clear();
  settings_.task_output_budget = 1 + Random(2000);
  settings_.total_output_budget = 1 + Random(10'000);
  Enroll(agents_);
  ConnectAll();
  for (const char* rack : {"a", "b"}) {
    v1::LabelAgentsRequest labels;
    labels.add_expressions(rack[0] == 'a' ? "web[01-02]" : "web[03-04]");
    (*labels.mutable_set())["rack"] = rack;
    core_->LabelAgents("alice", labels, [](const auto&) {});
    effects_->CommitAll();
  }
  for (int step = 0; step < 300; ++step) Step();
  Finish();
  CheckEnd();
}

void SimulationTest::Step() {
  const std::string& name = agents_[Random(agents_.size())];
  const bool connected = session(name) != 0;
  if (connected) Deliver(name);
  switch (Random(12)) {
    case 0:
      if (jobs_.size() < 5) StartOne();
      break;
    case 1:
      if (connected) core_->OnSessionClosed(session(name));
      break;
    case 2:
    case 3:
      if (!connected) Hello(name);
      break;
    case 4:
      if (Random(10) == 0) Restart();
      break;
    case 5:
      if (!jobs_.empty() && Random(8) == 0) {
        v1::StopJobRequest request;
        request.mutable_job()->set_number(jobs_[Random(jobs_.size())]);
        core_->StopJob("alice", request, [](const auto&) {});
      }
      break;
    case 6:
      clock_.Advance(absl::Milliseconds(50));
      core_->OnTime();
      break;
    default:
      for (auto& [uuid, attempt] : attempts_[name]) {
        Produce(attempt);
        if (!connected || session(name) == 0) continue;
        SendOutput(name, attempt);
        if (session(name) != 0 && Random(3) == 0) SendEnd(name, attempt);
      }
  }
  CheckRacks();
  if (effects_->waiting_commits() > 0 && Random(2) == 0) effects_->CommitOne();
}

void SimulationTest::StartOne() {
  controller::PreparedJob job =
      Prepare(agents_, static_cast<int>(jobs_.size()) * 100'000);
  job.request.set_fanout(Random(4));
  job.request.set_offline(v1::OFFLINE_POLICY_WAIT);
  const v1::Rollout rollout = RandomRollout();
  *job.request.mutable_rollout() = rollout;
  jobs_.push_back(Start(std::move(job)));
  max_failures_[jobs_.back()] = rollout.max_failures();
  if (rollout.max_per_label_size() > 0) one_of_a_rack_.push_back(jobs_.back());
}

v1::Rollout SimulationTest::RandomRollout() {
  const auto up_to = [this](int64_t milliseconds) {
    return tutti::ToProto(absl::Milliseconds(Random(milliseconds)));
  };
  v1::Rollout rollout;
  if (Random(3) == 0) {
    rollout.set_batch(1 + Random(3));
    *rollout.mutable_batch_wait() = up_to(500);
  }
  if (Random(4) == 0) *rollout.mutable_start_interval() = up_to(500);
  if (Random(4) == 0) *rollout.mutable_splay() = up_to(500);
  if (Random(4) == 0) rollout.set_canary(1 + Random(2));
  if (Random(4) == 0) rollout.set_quorum(1 + Random(4));
  if (Random(3) == 0) {
    rollout.add_max_per_label()->set_label("rack");
    rollout.mutable_max_per_label(0)->set_max(1);
  }
  if (Random(3) == 0) rollout.set_max_failures(1 + Random(3));
  if (Random(3) == 0) rollout.set_stop_after(1 + Random(3));
  if (rollout.max_failures() != 0 || rollout.stop_after() != 0) {
    rollout.set_stop_running(Random(2) == 0);
  }
  return rollout;
}

void SimulationTest::Deliver(const std::string& name) {
  const controller::SessionId id = session(name);
  for (const controller::Assignment& assignment :
       std::exchange(effects_->assigned[id], {})) {
    if (assignment.rest.check_only()) {
      Answer(id, assignment.rest.key());
      continue;
    }
    Attempt& attempt = attempts_[name][assignment.rest.key().job_uuid()];
    EXPECT_FALSE(attempt.started && attempt.forgotten);
    attempt.key = assignment.rest.key();
    attempt.forgotten = false;
    // What runs already goes on: the target's ledger knows it.
    attempt.started = true;
  }
  for (const v1::SessionResponse& response :
       std::exchange(effects_->sent[id], {})) {
    for (const auto& directive : response.welcome().directives()) {
      Obey(attempts_[name][directive.key().job_uuid()], directive, true);
    }
    for (const auto& directive : response.directives().attempts()) {
      Obey(attempts_[name][directive.key().job_uuid()], directive, false);
    }
  }
}

void SimulationTest::Answer(controller::SessionId session,
                            const v1::AttemptKey& key) {
  v1::AgentReport report;
  v1::AttemptVerdict& verdict = *report.add_verdicts();
  *verdict.mutable_key() = key;
  if (Random(8) == 0) verdict.set_refusal("no such user");
  core_->OnReport(session, std::move(report));
}

void SimulationTest::Obey(Attempt& attempt,
                          const v1::AttemptDirective& directive, bool welcome) {
  if (welcome) attempt.sent = directive.acknowledged_position();
  if (directive.desired() == v1::DESIRED_STATE_FORGET) {
    // What never came to the target may be forgotten, too.
    if (attempt.started) {
      EXPECT_NE(attempt.state, v1::TASK_STATE_RUNNING);
    }
    attempt.forgotten = true;
  } else if (directive.desired() == v1::DESIRED_STATE_STOP &&
             attempt.state == v1::TASK_STATE_RUNNING) {
    attempt.state = v1::TASK_STATE_STOPPED;
  }
}

void SimulationTest::Produce(Attempt& attempt) {
  if (!attempt.started || attempt.state != v1::TASK_STATE_RUNNING) return;
  for (uint32_t i = Random(4); i > 0; --i) {
    attempt.chunks.push_back(
        MakeChunk(attempt.end_position, std::string(1 + Random(300), 'x')));
    attempt.end_position = attempt.chunks.back().next_position();
  }
  if (Random(5) != 0) return;
  attempt.state =
      Random(3) == 0 ? v1::TASK_STATE_FAILED : v1::TASK_STATE_COMPLETED;
}

void SimulationTest::SendOutput(const std::string& name, Attempt& attempt) {
  if (!attempt.started || attempt.forgotten) return;
  v1::SendOutputRequest request;
  *request.mutable_key() = attempt.key;
  for (const v1::OutputChunk& chunk : attempt.chunks) {
    if (chunk.position() < attempt.sent) continue;
    *request.add_output() = chunk;
    attempt.sent = chunk.next_position();
    if (Random(4) == 0) break;
  }
  if (request.output_size() > 0) {
    core_->OnOutput(session(name), std::move(request));
  }
}

v1::AttemptReport SimulationTest::Describe(const Attempt& attempt) const {
  v1::AttemptReport report;
  *report.mutable_key() = attempt.key;
  report.mutable_status()->set_state(attempt.state);
  report.set_end_position(attempt.end_position);
  return report;
}

void SimulationTest::SendEnd(const std::string& name, Attempt& attempt) {
  if (!attempt.started || attempt.forgotten) return;
  v1::AgentReport message;
  *message.add_attempts() = Describe(attempt);
  core_->OnReport(session(name), message);
}

void SimulationTest::Hello(const std::string& name) {
  std::vector<v1::AttemptReport> reports;
  for (const auto& [uuid, attempt] : attempts_[name]) {
    if (attempt.started && !attempt.forgotten) {
      reports.push_back(Describe(attempt));
    }
  }
  Connect(name, reports);
}

// Everybody comes back and everything ends.
void SimulationTest::Finish() {
  for (int round = 0; round < 50; ++round) {
    for (const std::string& name : agents_) {
      if (session(name) == 0) Hello(name);
      Deliver(name);
      for (auto& [uuid, attempt] : attempts_[name]) {
        if (attempt.state == v1::TASK_STATE_RUNNING && attempt.started) {
          attempt.state = v1::TASK_STATE_COMPLETED;
        }
        SendOutput(name, attempt);
        SendEnd(name, attempt);
      }
    }
    for (const uint64_t job : jobs_) {
      v1::ApproveJobRequest request;
      request.mutable_job()->set_number(job);
      core_->ApproveJob("alice", request, [](const auto&) {});
    }
    effects_->CommitAll();
    Advance(absl::Milliseconds(200));
  }
}

void SimulationTest::CheckRacks() {
  for (const uint64_t job : one_of_a_rack_) {
    const v1::GetJobResponse response = Get(job);
    std::vector<int> in_flight(2);
    for (uint32_t task = 0; task < agents_.size(); ++task) {
      const v1::TaskState state = response.tasks(task).attempt().state();
      if (state > v1::TASK_STATE_PENDING && state < v1::TASK_STATE_COMPLETED) {
        ++in_flight[task / 2];
      }
    }
    EXPECT_LE(in_flight[0], 1);
    EXPECT_LE(in_flight[1], 1);
  }
}

void SimulationTest::CheckCounts(const v1::Job& job) {
  uint32_t sum = 0;
  uint32_t failed = 0;
  for (const auto& entry : job.counts().entries()) {
    EXPECT_GE(entry.state(), v1::TASK_STATE_COMPLETED);
    sum += entry.count();
    if (entry.state() != v1::TASK_STATE_COMPLETED &&
        entry.state() != v1::TASK_STATE_SKIPPED) {
      failed += entry.count();
    }
  }
  EXPECT_EQ(sum, agents_.size());
  const uint32_t allowed = max_failures_[job.number()];
  if (allowed != 0) {
    EXPECT_LE(failed, allowed);
  }
}

void SimulationTest::CheckEnd() {
  for (uint64_t number : jobs_) {
    const v1::GetJobResponse job = Get(number);
    EXPECT_TRUE(job.job().has_ended_at()) << job.ShortDebugString();
    CheckCounts(job.job());
    const controller::WatchId watch = next_watch_++;
    for (const std::string& name : agents_) effects_->sent[session(name)] = {};
    OpenWatch(watch, number);
    // What memory has lost comes from the targets.
    for (int round = 0; round < 200 && !Ended(watch); ++round) {
      Drain(watch);
      for (const std::string& name : agents_) {
        const Attempt& attempt = attempts_[name][job.job().uuid()];
        for (const v1::FetchOutput& fetch : TakeFetches(name)) {
          v1::SendOutputRequest answer;
          answer.set_fetch_id(fetch.fetch_id());
          answer.set_fetch_done(true);
          for (const v1::OutputChunk& chunk : attempt.chunks) {
            if (chunk.position() >= fetch.from_position() &&
                chunk.next_position() <= fetch.to_position()) {
              *answer.add_output() = chunk;
            }
          }
          core_->OnOutput(session(name), std::move(answer));
        }
      }
    }
    EXPECT_TRUE(Ended(watch));
    for (uint32_t task = 0; task < agents_.size(); ++task) {
      const Attempt& attempt = attempts_[agents_[task]][job.job().uuid()];
      std::string written;
      for (const v1::OutputChunk& chunk : attempt.chunks) {
        written += chunk.data();
      }
      EXPECT_EQ(watched_[watch].output[task], written) << "task " << task;
      EXPECT_EQ(job.tasks(task).stdout_bytes(), written.size());
    }
  }
}

TEST_F(SimulationTest, EveryTaskEndsOnceAndNoByteIsLost) {
  for (uint32_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    Run(seed);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace tutti::testing
