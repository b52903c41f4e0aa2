// Starts processes so that nothing of them is left behind.
#ifndef AGENT_RUNNER_PROCESSES_PROCESS_LAUNCHER_H_
#define AGENT_RUNNER_PROCESSES_PROCESS_LAUNCHER_H_

#include <memory>
#include <string>
#include <variant>

#include "absl/status/statusor.h"
#include "agent/runner/processes/cgroup_pool.h"
#include "agent/runner/processes/event_loop.h"
#include "agent/runner/processes/launch.h"
#include "agent/runner/processes/process_tree.h"
#include "agent/runner/processes/start_process.h"

namespace tutti::runner {

// A process that was started: its tree, and where its output comes from.
struct LaunchedProcess {
  std::unique_ptr<ProcessTree> tree;
  // Read ends, non-blocking.
  FileDescriptor output;
  FileDescriptor error;
};

// Not thread-safe.
class ProcessLauncher {
 public:
  enum class Containment { kAutomatic, kKeeper };

  // A cgroup a process, below one called `cgroup_name`, where that can be;
  // otherwise (with a line in the log), or if told so, a keeper a process.
  // `loop` must outlive it.
  static absl::StatusOr<std::unique_ptr<ProcessLauncher>> Create(
      EventLoop& loop, const std::string& cgroup_name, Containment containment);

  std::variant<LaunchedProcess, StartFailure> Start(
      const Launch& launch, ProcessTreeCallbacks callbacks);

  bool has_cgroups() const { return pool_ != nullptr; }

 private:
  ProcessLauncher(EventLoop& loop, FileDescriptor null_device,
                  std::unique_ptr<CgroupPool> pool)
      : loop_(loop),
        null_device_(std::move(null_device)),
        pool_(std::move(pool)) {}
  std::variant<std::unique_ptr<ProcessTree>, StartFailure> StartInCgroup(
      const Launch& launch, ProcessDescriptors descriptors,
      ProcessTreeCallbacks callbacks);

  EventLoop& loop_;
  const FileDescriptor null_device_;
  // Null: keepers.
  const std::unique_ptr<CgroupPool> pool_;
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_PROCESSES_PROCESS_LAUNCHER_H_
