#include "agent/runner/processes/process_launcher.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <variant>

#include "agent/runner/processes/cgroup_tree.h"
#include "agent/runner/processes/script_file.h"
#include "common/base/errors.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace tutti::runner {
namespace {

constexpr int kMaxThreads = 4;
// So many for each thread keep it busy.
constexpr int kDispatchedPerThread = 2;

int ThreadCount() {
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 2,
                    kMaxThreads);
}

// The pipes of a task that came back.
absl::StatusOr<ProcessStreams> TakeStreams(ReturnedTask& task) {
  const v1::HeldTask& held = task.task;
  ProcessStreams streams;
  const auto take = [&task](bool has, uint32_t place,
                            FileDescriptor& pipe) -> absl::Status {
    if (!has) return absl::OkStatus();
    TUTTI_ASSIGN_OR_RETURN(pipe, task.Take(place, S_IFIFO));
    return absl::OkStatus();
  };
  TUTTI_RETURN_IF_ERROR(take(held.has_output(), held.output(), streams.output));
  TUTTI_RETURN_IF_ERROR(take(held.has_error(), held.error(), streams.error));
  TUTTI_RETURN_IF_ERROR(
      take(held.has_message(), held.message(), streams.message));
  TUTTI_RETURN_IF_ERROR(take(held.has_result(), held.result(), streams.result));
  return streams;
}

}  // namespace

struct ProcessLauncher::StartUnderWay {
  std::unique_ptr<Launch> launch;
  ProcessTreeCallbacks callbacks;
  absl::AnyInvocable<void(Started)> on_started;
  // Null: a keeper is wanted.
  std::unique_ptr<Cgroup> cgroup;
  bool birth_inside = false;
  int null_device = -1;

  NewProcessStreams streams;
  FileDescriptor script;
  std::variant<StartFailure, StartedProcess, StartedKeeper> result;

  // On a starter thread.
  void Run() {
    if (const absl::Status prepared = Prepare(); !prepared.ok()) {
      result = StartFailure{EAGAIN, std::string(TextOf(prepared))};
      return;
    }
    ProcessDescriptors descriptors;
    streams.Lend(null_device, descriptors);
    descriptors.script = script.get();
    descriptors.cgroup = cgroup != nullptr ? cgroup->directory_fd() : -1;
    descriptors.born_in_cgroup = birth_inside;
    if (cgroup != nullptr) {
      Take(StartProcess(*launch, descriptors));
    } else {
      Take(StartKeeper(*launch, descriptors));
    }
    streams.CloseTheirs();
    script.Reset();
  }

  absl::Status Prepare() {
    TUTTI_ASSIGN_OR_RETURN(streams, MakeProcessStreams(*launch));
    if (launch->script.has_value()) {
      TUTTI_ASSIGN_OR_RETURN(script,
                             MakeScriptFile(*launch->script, launch->user));
    }
    if (cgroup == nullptr || !cgroup->limited()) return absl::OkStatus();
    return WriteLimits(launch->cgroup_limits, cgroup->path());
  }

  template <typename Variant>
  void Take(Variant from) {
    std::visit([this](auto& value) { result = std::move(value); }, from);
  }
};

absl::StatusOr<std::unique_ptr<ProcessLauncher>> ProcessLauncher::Create(
    EventLoop& loop, const std::string& cgroup_name, Containment containment) {
  FileDescriptor null_device(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null_device.valid()) return SystemError(errno, "open /dev/null");
  std::unique_ptr<CgroupPool> pool;
  CgroupControllers controllers =
      CgroupControllers::None("the runner was told to make no cgroups");
  std::string keepers_because = "the runner was told to do without";
  if (containment == Containment::kAutomatic) {
    absl::StatusOr<std::unique_ptr<CgroupPool>> created =
        CgroupPool::Create(cgroup_name);
    if (created.ok()) {
      pool = *std::move(created);
      controllers = pool->controllers();
    } else {
      controllers = CgroupControllers::None(TextOf(created.status()));
      keepers_because = TextOf(created.status());
      log::Info("{}; each task gets a keeper process instead of a cgroup",
                keepers_because);
    }
  }
  TUTTI_ASSIGN_OR_RETURN(std::unique_ptr<StarterThreads> threads,
                         StarterThreads::Create(loop, ThreadCount()));
  return std::unique_ptr<ProcessLauncher>(new ProcessLauncher(
      loop, std::move(null_device), std::move(pool), std::move(keepers_because),
      std::move(controllers), std::move(threads)));
}

absl::Status ProcessLauncher::FitLimits(Launch& launch) const {
  return controllers_.Fit(launch.cgroup_limits, launch.remarks);
}

void ProcessLauncher::Start(std::unique_ptr<Launch> launch,
                            ProcessTreeCallbacks callbacks,
                            absl::AnyInvocable<void(Started)> on_started) {
  auto start = std::make_shared<StartUnderWay>();
  start->launch = std::move(launch);
  start->callbacks = std::move(callbacks);
  start->on_started = std::move(on_started);
  start->null_device = null_device_.get();
  waiting_.push_back(std::move(start));
  Dispatch();
}

void ProcessLauncher::Dispatch() {
  while (!waiting_.empty() &&
         dispatched_ < kDispatchedPerThread * threads_->count()) {
    std::shared_ptr<StartUnderWay> start = std::move(waiting_.front());
    waiting_.pop_front();
    ++dispatched_;
    absl::AnyInvocable<void()> work = [start] { start->Run(); };
    if (pool_ != nullptr) {
      absl::StatusOr<std::unique_ptr<Cgroup>> cgroup = pool_->Take();
      if (cgroup.ok()) {
        start->cgroup = *std::move(cgroup);
        if (HasLimits(start->launch->cgroup_limits)) {
          start->cgroup->MarkLimited();
        }
        start->birth_inside = pool_->birth_inside();
      } else {
        start->result =
            StartFailure{EAGAIN, std::string(TextOf(cgroup.status()))};
        work = [] {};
      }
    }
    threads_->Run(std::move(work), [this, start] {
      --dispatched_;
      start->on_started(MakeStarted(*start));
      Dispatch();
    });
  }
}

void ProcessLauncher::EndLeftovers() {
  const size_t killed = pool_ != nullptr ? pool_->EndLeftovers() : 0;
  if (killed > 0) {
    log::Warning("killed {} processes that an earlier runner had left", killed);
  }
}

absl::StatusOr<LaunchedProcess> ProcessLauncher::TakeUp(
    ReturnedTask task, ProcessTreeCallbacks callbacks) {
  LaunchedProcess process;
  const v1::HeldTask& held = task.task;
  TUTTI_ASSIGN_OR_RETURN(process.streams, TakeStreams(task));
  if (held.has_keeper()) {
    StartedKeeper keeper;
    keeper.pid = held.keeper().pid();
    TUTTI_ASSIGN_OR_RETURN(keeper.socket,
                           task.Take(held.keeper().line(), S_IFSOCK));
    TUTTI_ASSIGN_OR_RETURN(
        process.tree,
        KeeperTree::Watch(
            loop_, std::move(keeper),
            pool_ == nullptr ? keepers_because_ : "there was none at its start",
            std::move(callbacks)));
    return process;
  }
  if (pool_ == nullptr) {
    return FailedPrecondition("there are no cgroups any more");
  }
  TUTTI_ASSIGN_OR_RETURN(FileDescriptor pidfd,
                         task.TakePidfd(held.cgroup().process()));
  TUTTI_ASSIGN_OR_RETURN(std::unique_ptr<Cgroup> cgroup,
                         pool_->Claim(held.cgroup().name()));
  TUTTI_ASSIGN_OR_RETURN(
      process.tree,
      CgroupTree::Watch(
          loop_, *pool_, std::move(cgroup),
          CgroupTree::Process{std::move(pidfd), held.cgroup().is_child(),
                              /*taken_up=*/true},
          std::move(callbacks)));
  return process;
}

ProcessLauncher::Started ProcessLauncher::MakeStarted(StartUnderWay& start) {
  LaunchedProcess launched;
  launched.streams = std::move(start.streams.ours);
  if (auto* failure = std::get_if<StartFailure>(&start.result)) {
    if (start.cgroup != nullptr) pool_->Return(std::move(start.cgroup));
    return std::move(*failure);
  }
  absl::StatusOr<std::unique_ptr<ProcessTree>> tree;
  if (auto* keeper = std::get_if<StartedKeeper>(&start.result)) {
    tree = KeeperTree::Watch(loop_, std::move(*keeper), keepers_because_,
                             std::move(start.callbacks));
  } else {
    auto& process = std::get<StartedProcess>(start.result);
    const pid_t pid = process.pid;
    tree = CgroupTree::Watch(loop_, *pool_, std::move(start.cgroup),
                             CgroupTree::Process{std::move(process.pidfd)},
                             std::move(start.callbacks));
    if (!tree.ok()) {
      kill(pid, SIGKILL);
      waitpid(pid, nullptr, 0);
    }
  }
  if (!tree.ok()) {
    return StartFailure{ENOMEM, std::string(TextOf(tree.status()))};
  }
  launched.tree = *std::move(tree);
  return launched;
}

}  // namespace tutti::runner
