// A process tree held together by a keeper.
#ifndef AGENT_RUNNER_PROCESSES_KEEPER_TREE_H_
#define AGENT_RUNNER_PROCESSES_KEEPER_TREE_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <variant>

#include "agent/runner/processes/event_loop.h"
#include "agent/runner/processes/keeper.h"
#include "agent/runner/processes/process_tree.h"
#include "agent/runner/processes/start_process.h"

namespace tutti::runner {

struct StartedKeeper {
  // 0 when it is the child of an earlier runner.
  pid_t pid = 0;
  // To speak to it. Others may hold duplicates; when the last one is closed the
  // keeper kills everything and ends.
  FileDescriptor socket;
};

// Starts a keeper, and through it the process; waits for both.
std::variant<StartedKeeper, StartFailure> StartKeeper(
    const Launch& launch, const ProcessDescriptors& descriptors);

class KeeperTree final : public ProcessTree {
 public:
  // `loop` must outlive it. `reason` is why there is no control group.
  static absl::StatusOr<std::unique_ptr<ProcessTree>> Watch(
      EventLoop& loop, StartedKeeper keeper, std::string reason,
      ProcessTreeCallbacks callbacks);
  ~KeeperTree() override;

  void Signal(int number) override;
  void Kill() override { Send({KeeperCommand::Kind::kKill}); }
  std::string Freeze() override;
  void Thaw() override { Send({KeeperCommand::Kind::kThaw}); }
  void Abandon() override;
  void Describe(HeldDescription& held) const override;

 private:
  KeeperTree(EventLoop& loop, StartedKeeper keeper, std::string reason,
             ProcessTreeCallbacks callbacks)
      : loop_(loop),
        keeper_(keeper.pid),
        socket_(std::move(keeper.socket)),
        reason_(std::move(reason)),
        callbacks_(std::move(callbacks)) {}
  void Send(KeeperCommand command);
  void OnReadable();
  // The keeper is gone without a word.
  void OnLost();
  void ReapKeeper();

  EventLoop& loop_;
  const pid_t keeper_;
  FileDescriptor socket_;
  const std::string reason_;
  ProcessTreeCallbacks callbacks_;
  EventLoop::Watch watch_ = 0;
  bool main_ended_ = false;
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_PROCESSES_KEEPER_TREE_H_
