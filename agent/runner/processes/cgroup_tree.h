// A process tree held together by a control group.
#ifndef AGENT_RUNNER_PROCESSES_CGROUP_TREE_H_
#define AGENT_RUNNER_PROCESSES_CGROUP_TREE_H_

#include <memory>
#include <string>

#include "agent/runner/processes/cgroup_pool.h"
#include "agent/runner/processes/event_loop.h"
#include "agent/runner/processes/process_tree.h"
#include "common/base/file_descriptor.h"

namespace tutti::runner {

// A process leaves the group only if it is root and wants to, so nothing gets
// away by forking twice or by a session of its own.
class CgroupTree final : public ProcessTree {
 public:
  struct Process {
    FileDescriptor pidfd;
    // Otherwise an earlier runner's.
    bool is_child = true;
    // An earlier runner, or this one before an exec, may have stopped it.
    bool taken_up = false;
  };
  // `loop` and `pool` must outlive it.
  static absl::StatusOr<std::unique_ptr<ProcessTree>> Watch(
      EventLoop& loop, CgroupPool& pool, std::unique_ptr<Cgroup> cgroup,
      Process process, ProcessTreeCallbacks callbacks);
  ~CgroupTree() override;

  void Signal(int number) override;
  void Kill() override;
  std::string Freeze() override;
  void Thaw() override;
  void Abandon() override;
  void Describe(HeldDescription& held) const override;

 private:
  CgroupTree(EventLoop& loop, CgroupPool& pool, std::unique_ptr<Cgroup> cgroup,
             Process process, ProcessTreeCallbacks callbacks)
      : loop_(loop),
        pool_(pool),
        cgroup_(std::move(cgroup)),
        process_(std::move(process)),
        stopped_(process_.taken_up && !cgroup_->CanBeFrozen()),
        callbacks_(std::move(callbacks)) {}
  void OnMainEnded();
  void OnGroupChanged();

  EventLoop& loop_;
  CgroupPool& pool_;
  std::unique_ptr<Cgroup> cgroup_;
  Process process_;
  // One by one, or perhaps: the group can not be frozen.
  bool stopped_;
  ProcessTreeCallbacks callbacks_;
  EventLoop::Watch main_watch_ = 0;
  EventLoop::Watch group_watch_ = 0;
  bool main_ended_ = false;
  uint32_t killed_ = 0;
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_PROCESSES_CGROUP_TREE_H_
