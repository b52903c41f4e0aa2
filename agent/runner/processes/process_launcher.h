// Starts processes so that nothing of them is left behind.
#ifndef AGENT_RUNNER_PROCESSES_PROCESS_LAUNCHER_H_
#define AGENT_RUNNER_PROCESSES_PROCESS_LAUNCHER_H_

#include <deque>
#include <memory>
#include <string>
#include <variant>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "agent/runner/processes/cgroup_pool.h"
#include "agent/runner/processes/event_loop.h"
#include "agent/runner/processes/held_task.h"
#include "agent/runner/processes/keeper_tree.h"
#include "agent/runner/processes/launch.h"
#include "agent/runner/processes/process_streams.h"
#include "agent/runner/processes/process_tree.h"
#include "agent/runner/processes/start_process.h"
#include "agent/runner/processes/starter_threads.h"

namespace tutti::runner {

// A process that was started.
struct LaunchedProcess {
  std::unique_ptr<ProcessTree> tree;
  ProcessStreams streams;
};

// One thread only, the loop's, which never waits for a program to be loaded:
// that happens on threads of its own, a few at a time, so that one on a file
// system that hangs holds up those behind it but nothing that runs.
class ProcessLauncher {
 public:
  enum class Containment { kAutomatic, kKeeper };
  using Started = std::variant<LaunchedProcess, StartFailure>;

  // A cgroup a process, below one called `cgroup_name`, where that can be;
  // otherwise (with a line in the log), or if told so, a keeper a process.
  // `loop` must outlive it.
  static absl::StatusOr<std::unique_ptr<ProcessLauncher>> Create(
      EventLoop& loop, const std::string& cgroup_name, Containment containment);

  // Goes on with a process that an earlier runner started. The callbacks come
  // later.
  absl::StatusOr<LaunchedProcess> TakeUp(ReturnedTask task,
                                         ProcessTreeCallbacks callbacks);
  // Ends processes that an earlier runner left and nobody took up.
  void EndLeftovers();

  // Takes out of the launch what limits can not be kept here, with a remark, or
  // says why it can not run so.
  absl::Status FitLimits(Launch& launch) const;
  // Whether starts wait for others.
  bool busy() const { return !waiting_.empty(); }
  // Calls `on_started` from the loop, in no particular order.
  void Start(std::unique_ptr<Launch> launch, ProcessTreeCallbacks callbacks,
             absl::AnyInvocable<void(Started)> on_started);

 private:
  // One start on its way, shared by the thread that does it and the loop in
  // turns.
  struct StartUnderWay;

  ProcessLauncher(EventLoop& loop, FileDescriptor null_device,
                  std::unique_ptr<CgroupPool> pool, std::string keepers_because,
                  CgroupControllers controllers,
                  std::unique_ptr<StarterThreads> threads)
      : loop_(loop),
        null_device_(std::move(null_device)),
        pool_(std::move(pool)),
        keepers_because_(std::move(keepers_because)),
        controllers_(std::move(controllers)),
        threads_(std::move(threads)) {}
  void Dispatch();
  Started MakeStarted(StartUnderWay& start);

  EventLoop& loop_;
  const FileDescriptor null_device_;
  // Null: keepers.
  const std::unique_ptr<CgroupPool> pool_;
  // Why there are no cgroups.
  const std::string keepers_because_;
  const CgroupControllers controllers_;
  // Those that no thread has yet: pipes and cgroups are made for few only.
  std::deque<std::shared_ptr<StartUnderWay>> waiting_;
  int dispatched_ = 0;
  // Last, so that the threads end first.
  const std::unique_ptr<StarterThreads> threads_;
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_PROCESSES_PROCESS_LAUNCHER_H_
