// What stands for the runners of simulated agents.
#ifndef TESTS_BENCH_SWARM_EXECUTORS_H_
#define TESTS_BENCH_SWARM_EXECUTORS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "common/base/executor.h"
#include "common/relay/ports.h"
#include "common/runner_client/runner_client.h"
#include "tutti/runner/v1/runner.pb.h"

namespace tutti::bench {

// When attempts were started, over all agents. Used on one thread.
struct StartTimes {
  absl::Time first = absl::InfiniteFuture();
  absl::Time last = absl::InfinitePast();
  int count = 0;

  void Note(absl::Time time);
};

// Answers each start at once with a final state and the same output; runs
// nothing. On the executor's thread.
class AnsweringRunner final : public relay::RunnerPort {
 public:
  using Deliver = absl::AnyInvocable<void(runner::v1::RunnerMessage)>;

  // `deliver` takes the answers. All must outlive this.
  AnsweringRunner(Executor& executor, StartTimes& starts, uint64_t output_bytes,
                  Deliver deliver);

  // What a runner says first.
  void Greet();

  void Start(const v1::AssignTask& task) override;
  void Stop(const v1::AttemptKey&, const v1::StopRule&) override {}
  void Suspend(const v1::AttemptKey&, bool) override {}
  void GiveInput(const v1::AttemptKey&, const std::string&) override {}
  void AcknowledgeOutput(const v1::AttemptKey&, uint64_t) override {}
  void Release(const v1::AttemptKey&) override {}

 private:
  Executor& executor_;
  StartTimes& starts_;
  const uint64_t output_bytes_;
  Deliver deliver_;
};

// So many texts, each of one letter.
std::vector<std::string> Letters(uint64_t bytes, int different);

// The spool of answering runners: by its name each target says one of `texts`,
// which are of one length.
class FewOutputs final : public relay::SpoolSource {
 public:
  explicit FewOutputs(std::vector<std::string> texts)
      : texts_(std::move(texts)) {}

  // Of each; 0: they say nothing.
  uint64_t bytes() const { return texts_.empty() ? 0 : texts_[0].size(); }

  absl::StatusOr<SpoolReader::Batch> Read(const v1::AttemptKey& key,
                                          uint64_t from, uint64_t end,
                                          size_t max_bytes) override;
  void Close(const v1::AttemptKey&) override {}

 private:
  const std::vector<std::string> texts_;
};

// Hands everything to one real runner, which was told to stand for all names.
class SharedRunner final : public relay::RunnerPort {
 public:
  SharedRunner(RunnerClient& client, StartTimes& starts)
      : client_(client), starts_(starts) {}

  void Start(const v1::AssignTask& task) override;
  void Stop(const v1::AttemptKey& key, const v1::StopRule& rule) override {
    client_.Stop(key, rule);
  }
  void Suspend(const v1::AttemptKey& key, bool suspend) override {
    client_.Suspend(key, suspend);
  }
  void GiveInput(const v1::AttemptKey& key, const std::string& chunk) override {
    client_.GiveInput(key, chunk);
  }
  void AcknowledgeOutput(const v1::AttemptKey& key,
                         uint64_t position) override {
    client_.AcknowledgeOutput(key, position);
  }
  void Release(const v1::AttemptKey& key) override { client_.Release(key); }

 private:
  RunnerClient& client_;
  StartTimes& starts_;
};

}  // namespace tutti::bench

#endif  // TESTS_BENCH_SWARM_EXECUTORS_H_
