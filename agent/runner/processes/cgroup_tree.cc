#include "agent/runner/processes/cgroup_tree.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cerrno>
#include <memory>
#include <utility>

#include "agent/runner/processes/resource_use.h"
#include "common/base/errors.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace tutti::runner {

absl::StatusOr<std::unique_ptr<ProcessTree>> CgroupTree::Watch(
    EventLoop& loop, CgroupPool& pool, std::unique_ptr<Cgroup> cgroup,
    StartedProcess process, ProcessTreeCallbacks callbacks) {
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
  int status = 0;
  rusage usage = {};
  const pid_t pid = wait4(process_.pid, &status, WNOHANG, &usage);
  if (pid == 0 || (pid < 0 && errno == EINTR)) return;
  loop_.Remove(main_watch_);
  process_.pidfd.Reset();
  main_ended_ = true;
  MainEnd end = MakeMainEnd(status, usage);
  // Only if somebody else has reaped it.
  end.lost = pid < 0;
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
  callbacks_.on_main_ended(end, others_left);
}

void CgroupTree::OnGroupChanged() {
  if (cgroup_->populated()) return;
  loop_.Remove(group_watch_);
  callbacks_.on_empty(killed_);
}

void CgroupTree::Terminate() {
  for (pid_t pid : cgroup_->Processes()) kill(pid, SIGTERM);
}

void CgroupTree::Kill() {
  if (main_ended_) {
    killed_ += static_cast<uint32_t>(cgroup_->Processes().size());
  }
  cgroup_->Kill();
}

void CgroupTree::Abandon() { loop_.Remove(group_watch_); }

}  // namespace tutti::runner
