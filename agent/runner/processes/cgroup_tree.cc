#include "agent/runner/processes/cgroup_tree.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/epoll.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "agent/runner/processes/process_exit.h"
#include "common/base/errors.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace tutti::runner {

absl::StatusOr<std::unique_ptr<ProcessTree>> CgroupTree::Watch(
    EventLoop& loop, CgroupPool& pool, std::unique_ptr<Cgroup> cgroup,
    Process process, ProcessTreeCallbacks callbacks) {
  auto tree = std::unique_ptr<CgroupTree>(new CgroupTree(
      loop, pool, std::move(cgroup), std::move(process), std::move(callbacks)));
  TUTTI_ASSIGN_OR_RETURN(
      tree->main_watch_,
      loop.Add(tree->process_.pidfd.get(), EPOLLIN,
               [raw = tree.get()](uint32_t) { raw->OnMainEnded(); }));
  return tree;
}

CgroupTree::~CgroupTree() {
  loop_.Remove(main_watch_);
  loop_.Remove(group_watch_);
  if (cgroup_ != nullptr) pool_.Return(std::move(cgroup_));
}

void CgroupTree::OnMainEnded() {
  const int pidfd = process_.pidfd.get();
  std::optional<MainEnd> end =
      process_.is_child ? TakeExitOfChild(pidfd) : FindExitOfOther(pidfd);
  if (!end.has_value()) return;
  loop_.Remove(main_watch_);
  process_.pidfd.Reset();
  main_ended_ = true;
  if (cgroup_->limited()) {
    end->killed_for_memory = CountKilledForMemory(cgroup_->path());
  }
  const bool others_left = cgroup_->populated();
  if (others_left) {
    absl::StatusOr<EventLoop::Watch> watch = loop_.Add(
        cgroup_->events_fd(), EPOLLPRI, [this](uint32_t) { OnGroupChanged(); });
    if (watch.ok()) {
      group_watch_ = *watch;
    } else {
      log::Error("{}", TextOf(watch.status()));
    }
  }
  callbacks_.on_main_ended(*end, others_left);
}

void CgroupTree::OnGroupChanged() {
  if (cgroup_->populated()) return;
  loop_.Remove(group_watch_);
  callbacks_.on_empty(killed_);
}

void CgroupTree::Signal(int number) {
  for (pid_t pid : cgroup_->Processes()) kill(pid, number);
}

void CgroupTree::Kill() {
  if (main_ended_) {
    killed_ += static_cast<uint32_t>(cgroup_->Processes().size());
  }
  cgroup_->Kill();
}

std::string CgroupTree::Freeze() {
  const absl::Status frozen = cgroup_->SetFrozen(true);
  if (frozen.ok()) return "";
  stopped_ = true;
  cgroup_->StopProcesses();
  return fmt::format(
      "suspended by SIGSTOP, because its control group can not be frozen: {}",
      TextOf(frozen));
}

void CgroupTree::Thaw() {
  if (std::exchange(stopped_, false)) Signal(SIGCONT);
  if (!cgroup_->frozen()) return;
  const absl::Status thawed = cgroup_->SetFrozen(false);
  if (!thawed.ok()) log::Error("{}", TextOf(thawed));
}

void CgroupTree::Describe(HeldDescription& held) const {
  v1::HeldCgroup& group = *held.task.mutable_cgroup();
  group.set_name(cgroup_->name());
  group.set_process(held.Add(process_.pidfd.get()));
  group.set_is_child(process_.is_child);
}

void CgroupTree::Abandon() {
  loop_.Remove(group_watch_);
  // What could not be killed is the next runner's to try again.
  if (cgroup_->killed()) return;
  Thaw();
  const absl::Status kept = cgroup_->Keep();
  if (!kept.ok()) {
    log::Warning("{}; the next runner will end what is in it", TextOf(kept));
  }
}

}  // namespace tutti::runner
