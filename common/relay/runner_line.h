// The line to the runner of this host.
#ifndef COMMON_RELAY_RUNNER_LINE_H_
#define COMMON_RELAY_RUNNER_LINE_H_

#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "common/base/executor.h"
#include "common/relay/ports.h"
#include "common/relay/spool_directory.h"
#include "common/runner_client/runner_client.h"
#include "tutti/runner/v1/runner.pb.h"

namespace tutti::relay {

// The runner's client and its spool behind the core's ports, on an executor's
// thread. Destroy it after the executor has ended.
class RunnerLine final : public RunnerPort {
 public:
  struct Options {
    std::string socket;
    // Who the runner should be.
    std::string fleet;
    std::string target;
    // What the runner of another target says is dropped: nothing there is ours
    // to steer or to forget. Otherwise it refuses jobs for itself.
    bool only_ours = false;
  };
  // On the executor.
  struct Callbacks {
    absl::AnyInvocable<void(runner::v1::RunnerMessage)> on_message;
    // Also for the first connect that fails.
    absl::AnyInvocable<void(const absl::Status& why)> on_lost;
  };

  // `executor` must outlive it.
  RunnerLine(Executor& executor, Options options)
      : executor_(executor), options_(std::move(options)) {}

  // Connects, and connects again whenever the line is lost. Before it nothing
  // may be sent.
  void Open(Callbacks callbacks);

  const std::string& socket() const { return options_.socket; }
  SpoolSource& spool() { return spool_; }

  void Start(const v1::AssignTask& task) override {
    client_->Start(ToStartAttempt(task));
  }
  void Stop(const v1::AttemptKey& key, const v1::StopRule& rule) override {
    client_->Stop(key, rule);
  }
  void Suspend(const v1::AttemptKey& key, bool suspend) override {
    client_->Suspend(key, suspend);
  }
  void GiveInput(const v1::AttemptKey& key, const std::string& chunk) override {
    client_->GiveInput(key, chunk);
  }
  void AcknowledgeOutput(const v1::AttemptKey& key,
                         uint64_t position) override {
    client_->AcknowledgeOutput(key, position);
  }
  void Release(const v1::AttemptKey& key) override { client_->Release(key); }

 private:
  void OnMessage(runner::v1::RunnerMessage message);
  void OnLost(const absl::Status& why);
  bool IsOurs(const runner::v1::Welcome& welcome) const;

  Executor& executor_;
  const Options options_;
  Callbacks callbacks_;
  SpoolDirectory spool_;
  bool lost_ = false;
  // The runner is another target's, and what it says is dropped.
  bool foreign_ = false;
  // Last: its thread posts to us.
  std::unique_ptr<RunnerClient> client_;
};

}  // namespace tutti::relay

#endif  // COMMON_RELAY_RUNNER_LINE_H_
