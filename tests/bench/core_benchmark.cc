// The core alone: what a target of a job costs it, without network and disk.
// Times are of one whole job; "per_target" is what one target of it takes.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <malloc.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/duration.h"
#include "common/base/uuid.h"
#include "common/signing/envelope.h"
#include "common/targets/node_set.h"
#include "controller/core/core.h"
#include "tests/support/fake_clock.h"

namespace tutti::controller {
namespace {

const std::string kFingerprint(32, 'k');
constexpr uint64_t kFirst = 16;  // position of the first record

// Answers commits when it is asked to; lets everything else go.
class NullEffects final : public Effects {
 public:
  void Send(SessionId, v1::SessionResponse) override {}
  void Assign(SessionId, Assignment assignment) override {
    benchmark::DoNotOptimize(assignment);
    ++assigned;
  }
  void SendInput(SessionId, InputPiece) override {}
  void ReadContent(
      ContentStep,
      absl::AnyInvocable<void(absl::StatusOr<FedContent>)>) override {}
  void SendOutputCredit(SessionId, v1::SendOutputResponse) override {}
  void EndSession(SessionId, absl::Status) override {}
  void SendToWatch(WatchId, v1::WatchJobResponse response) override {
    benchmark::DoNotOptimize(response);
    watch_waits = true;
  }
  void EndWatch(WatchId, absl::Status) override { watch_ended = true; }
  void Commit(JournalBatch,
              absl::AnyInvocable<void(absl::Status)> done) override {
    commits.push_back(std::move(done));
  }

  void CommitAll() {
    while (!commits.empty()) {
      auto all = std::exchange(commits, {});
      for (auto& done : all) done(absl::OkStatus());
    }
  }

  std::vector<absl::AnyInvocable<void(absl::Status)>> commits;
  size_t assigned = 0;
  bool watch_waits = false;
  bool watch_ended = false;
};

// A core with connected agents.
class Fleet {
 public:
  explicit Fleet(int64_t size) {
    JournalContents contents;
    for (int64_t i = 0; i < size; ++i) {
      names.push_back(fmt::format("web{:05}", i));
      contents.agents.push_back({names.back(), kFingerprint, {}});
    }
    core.Load(contents);
    for (size_t i = 0; i < names.size(); ++i) {
      core.OnHello(i + 1, {names[i], kFingerprint, "192.0.2.1:5"}, {});
    }
    effects.CommitAll();
    tree = std::make_shared<const MerkleTree>(*MakeTargetTree(names));
  }

  PreparedJob Prepare() {
    clock.Advance(absl::Seconds(1));
    PreparedJob job;
    v1::JobSpec& spec = job.opened.spec;
    spec.set_fleet("demo");
    uuid = std::string(Uuid::Generate(clock.Now()).bytes());
    spec.set_job_uuid(uuid);
    spec.set_attempt(1);
    spec.mutable_command()->add_arguments("true");
    *spec.mutable_issued_at() = tutti::ToProto(clock.Now());
    *spec.mutable_expires_at() = tutti::ToProto(clock.Now() + absl::Hours(1));
    spec.set_target_count(names.size());
    spec.set_targets_root(
        std::string(tree->root().begin(), tree->root().end()));
    job.envelope =
        std::make_shared<const std::string>(spec.SerializeAsString());
    job.targets = names;
    job.tree = tree;
    job.request.set_offline(v1::OFFLINE_POLICY_FAIL);
    job.request.set_targets(FoldNames(names));
    job.operator_name = "alice";
    return job;
  }

  uint64_t Start() {
    uint64_t number = 0;
    core.StartJob(Prepare(), [&](absl::StatusOr<v1::StartJobResponse> answer) {
      number = answer->number();
    });
    effects.CommitAll();
    return number;
  }

  v1::AgentReport MakeEnd(size_t target, const std::string& output) const {
    v1::AgentReport message;
    v1::AttemptReport& report = *message.add_attempts();
    report.mutable_key()->set_job_uuid(uuid);
    report.mutable_key()->set_attempt(1);
    report.mutable_key()->set_target(names[target]);
    v1::AttemptStatus& status = *report.mutable_status();
    status.set_state(v1::TASK_STATE_COMPLETED);
    status.mutable_outcome()->set_exit_status(0);
    *status.mutable_ended_at() = tutti::ToProto(clock.Now());
    report.set_end_position(kFirst);
    if (!output.empty()) {
      v1::OutputChunk& chunk = *report.add_output();
      chunk.set_stream(v1::OUTPUT_STREAM_STDOUT);
      chunk.set_position(kFirst);
      chunk.set_next_position(kFirst + 24 + output.size());
      chunk.set_data(output);
      report.set_end_position(chunk.next_position());
    }
    return message;
  }

  void Watch(uint64_t job) {
    v1::WatchJobRequest request;
    request.mutable_job()->set_number(job);
    request.set_follow(true);
    request.set_output(true);
    effects.watch_ended = false;
    core.OpenWatch(job, "alice", request);
  }

  void Pump(uint64_t job) {
    while (std::exchange(effects.watch_waits, false)) core.OnWatchReady(job);
  }

  // Acknowledgements and forgets.
  void LetTimePass() {
    clock.Advance(absl::Seconds(1));
    core.OnTime();
    effects.CommitAll();
  }

  testing::FakeClock clock;
  NullEffects effects;
  Core core{"demo", {}, CoreClocks{clock, clock}, effects};
  std::vector<std::string> names;
  std::shared_ptr<const MerkleTree> tree;
  std::string uuid;
};

void ReportPerTarget(benchmark::State& state) {
  state.counters["per_target"] = benchmark::Counter(
      static_cast<double>(state.iterations() * state.range(0)),
      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

// Start, all assignments, all ends, one watcher, journal answers in bursts.
void BM_WholeJob(benchmark::State& state) {
  Fleet fleet(state.range(0));
  const std::string output(state.range(1), 'x');
  for (auto _ : state) {
    const uint64_t job = fleet.Start();
    fleet.Watch(job);
    for (size_t i = 0; i < fleet.names.size(); ++i) {
      fleet.core.OnReport(i + 1, fleet.MakeEnd(i, output));
      if (i % 100 == 0) {
        fleet.effects.CommitAll();
        fleet.Pump(job);
      }
    }
    fleet.effects.CommitAll();
    fleet.Pump(job);
    fleet.LetTimePass();
    if (!fleet.effects.watch_ended) state.SkipWithError("the watch goes on");
  }
  ReportPerTarget(state);
}
BENCHMARK(BM_WholeJob)
    ->ArgNames({"targets", "output"})
    ->Args({1'000, 0})
    ->Args({10'000, 0})
    ->Args({10'000, 10'000})
    ->Args({50'000, 0})
    ->Unit(benchmark::kMillisecond);

// From the call to the last assignment.
void BM_Start(benchmark::State& state) {
  Fleet fleet(state.range(0));
  for (auto _ : state) {
    fleet.Start();
    state.PauseTiming();
    for (size_t i = 0; i < fleet.names.size(); ++i) {
      fleet.core.OnReport(i + 1, fleet.MakeEnd(i, ""));
    }
    fleet.LetTimePass();
    state.ResumeTiming();
  }
  ReportPerTarget(state);
}
BENCHMARK(BM_Start)
    ->ArgNames({"targets"})
    ->Args({10'000})
    ->Unit(benchmark::kMillisecond);

// Bulk of one task through the store and one watcher that keeps up.
void BM_Bulk(benchmark::State& state) {
  Fleet fleet(1);
  const uint64_t job = fleet.Start();
  fleet.Watch(job);
  uint64_t position = kFirst;
  for (auto _ : state) {
    v1::SendOutputRequest request;
    request.mutable_key()->set_job_uuid(fleet.uuid);
    request.mutable_key()->set_attempt(1);
    request.mutable_key()->set_target(fleet.names[0]);
    v1::OutputChunk& chunk = *request.add_output();
    chunk.set_stream(v1::OUTPUT_STREAM_STDOUT);
    chunk.set_position(position);
    chunk.set_data(std::string(state.range(0), static_cast<char>(position)));
    position += 24 + state.range(0);
    chunk.set_next_position(position);
    fleet.core.OnOutput(1, std::move(request));
    fleet.Pump(job);
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Bulk)->ArgNames({"chunk"})->Args({64 << 10})->Args({256 << 10});

// Heap of finished jobs: bytes a target, with output that all share.
void BM_MemoryOfResults(benchmark::State& state) {
  constexpr int kJobs = 5;
  Fleet fleet(state.range(0));
  const std::string output(state.range(1), 'x');
  double used = 0;
  for (auto _ : state) {
    const size_t before = mallinfo2().uordblks;
    for (int job = 0; job < kJobs; ++job) {
      fleet.Start();
      for (size_t i = 0; i < fleet.names.size(); ++i) {
        fleet.core.OnReport(i + 1, fleet.MakeEnd(i, output));
      }
      fleet.effects.CommitAll();
      fleet.LetTimePass();
    }
    used = static_cast<double>(mallinfo2().uordblks - before) / kJobs;
  }
  state.counters["bytes_per_target"] =
      used / static_cast<double>(fleet.names.size());
}
BENCHMARK(BM_MemoryOfResults)
    ->ArgNames({"targets", "output"})
    ->Args({10'000, 0})
    ->Args({10'000, 10'000})
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tutti::controller

BENCHMARK_MAIN();
