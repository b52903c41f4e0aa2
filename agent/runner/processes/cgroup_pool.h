// Control groups (v2), one a task, used again and again.
#ifndef AGENT_RUNNER_PROCESSES_CGROUP_POOL_H_
#define AGENT_RUNNER_PROCESSES_CGROUP_POOL_H_

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/runner/processes/cgroup_limits.h"
#include "common/base/file_descriptor.h"

namespace tutti::runner {

// One group. Not thread-safe.
class Cgroup {
 public:
  static absl::StatusOr<std::unique_ptr<Cgroup>> Open(std::string path);

  const std::string& path() const { return path_; }
  // Its last part.
  std::string name() const { return path_.substr(path_.rfind('/') + 1); }
  // Its folder, for processes that are to start in it.
  int directory_fd() const { return directory_.get(); }
  // Has EPOLLPRI when `populated` may have changed.
  int events_fd() const { return events_.get(); }
  bool populated() const;
  std::vector<pid_t> Processes() const;
  // KILL to all: at once where the kernel knows how (5.14), otherwise one by
  // one. The group is of no use afterwards: some kernels (6.18 was seen) go on
  // to kill every process that is born in it.
  void Kill();
  bool killed() const { return killed_; }
  // Frozen, no process in it goes on, nor one that is born in it.
  absl::Status SetFrozen(bool frozen);
  // Whether it was told to be.
  bool frozen() const;
  // Old kernels and containers may not allow it.
  bool CanBeFrozen() const;
  // Instead: STOP to all, until no new one is found.
  void StopProcesses() const;
  // What is in it is to live on under this runner and the next ones, which find
  // a mark at its folder. It is not used for anything else afterwards.
  absl::Status Keep();
  bool kept() const { return kept_; }
  // It has limits, or may have, so that it is for nobody else afterwards.
  void MarkLimited() { limited_ = true; }
  bool limited() const { return limited_; }

 private:
  Cgroup(std::string path, FileDescriptor directory, FileDescriptor events)
      : path_(std::move(path)),
        directory_(std::move(directory)),
        events_(std::move(events)) {}
  const std::string path_;
  const FileDescriptor directory_;
  const FileDescriptor events_;
  bool killed_ = false;
  bool kept_ = false;
  bool limited_ = false;
};

// Hands out empty groups. Making and removing one costs more than starting a
// small process, so they are kept. Not thread-safe.
class CgroupPool {
 public:
  // Groups below `name` in FindTasksHome of this process's own group. An error
  // says why there can be none: no v2 hierarchy, or it may not be written.
  static absl::StatusOr<std::unique_ptr<CgroupPool>> Create(
      const std::string& name);
  // Removes the empty groups.
  ~CgroupPool();

  // For limits of the groups.
  const CgroupControllers& controllers() const { return controllers_; }
  // Whether processes may be born in a group; otherwise they enter it.
  bool birth_inside() const { return birth_inside_; }

  absl::StatusOr<std::unique_ptr<Cgroup>> Take();
  // One that still has processes is not handed out before they are gone, and
  // one that was killed, kept or limited, or is frozen, not at all.
  void Return(std::unique_ptr<Cgroup> cgroup);

  // One that an earlier runner left, by its name. NOT_FOUND when there is none
  // that was not claimed yet.
  absl::StatusOr<std::unique_ptr<Cgroup>> Claim(const std::string& name);
  // Ends what is in those that nobody claimed, but for the kept ones; returns
  // how many processes.
  size_t EndLeftovers();

 private:
  explicit CgroupPool(std::string path) : path_(std::move(path)) {}
  absl::Status FindLeftovers();
  absl::Status Probe();

  void KeepOrRemove(std::unique_ptr<Cgroup> cgroup);

  const std::string path_;
  CgroupControllers controllers_;
  bool birth_inside_ = false;
  uint64_t next_ = 0;
  std::vector<std::unique_ptr<Cgroup>> idle_;
  std::vector<std::unique_ptr<Cgroup>> occupied_;
  // By name.
  std::map<std::string, std::unique_ptr<Cgroup>> leftovers_;
};

// Where the v2 hierarchy is mounted according to /proc/self/mountinfo; empty
// when it is not.
std::string FindCgroupMount(std::string_view mountinfo);
// Path of the v2 group in /proc/self/cgroup; empty when there is none.
std::string FindOwnCgroup(std::string_view self_cgroup);
// The group below which tasks get theirs: `own`, or the one above it when it is
// called "runner", which is how a service manager keeps that one free of
// processes (systemd: DelegateSubgroup=runner). Empty for the root.
std::string FindTasksHome(std::string_view own);

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_PROCESSES_CGROUP_POOL_H_
