// A process tree held together by a keeper.
#ifndef AGENT_RUNNER_PROCESSES_KEEPER_TREE_H_
#define AGENT_RUNNER_PROCESSES_KEEPER_TREE_H_

#include <sys/types.h>

#include <memory>
#include <variant>

#include "agent/runner/processes/event_loop.h"
#include "agent/runner/processes/keeper.h"
#include "agent/runner/processes/process_tree.h"
#include "agent/runner/processes/start_process.h"

namespace tutti::runner {

class KeeperTree final : public ProcessTree {
 public:
  // Starts the keeper, and through it the process.
  static std::variant<std::unique_ptr<ProcessTree>, StartFailure> Start(
      EventLoop& loop, const Launch& launch,
      const ProcessDescriptors& descriptors, ProcessTreeCallbacks callbacks);
  ~KeeperTree() override;

  void Terminate() override { Send(KeeperCommand::kTerminate); }
  void Kill() override { Send(KeeperCommand::kKill); }
  void Abandon() override;

 private:
  KeeperTree(EventLoop& loop, pid_t keeper, FileDescriptor socket,
             ProcessTreeCallbacks callbacks)
      : loop_(loop),
        keeper_(keeper),
        socket_(std::move(socket)),
        callbacks_(std::move(callbacks)) {}
  void Send(KeeperCommand command);
  void OnReadable();
  // The keeper is gone without a word.
  void OnLost();
  void ReapKeeper();

  EventLoop& loop_;
  const pid_t keeper_;
  FileDescriptor socket_;
  ProcessTreeCallbacks callbacks_;
  EventLoop::Watch watch_ = 0;
  bool main_ended_ = false;
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_PROCESSES_KEEPER_TREE_H_
