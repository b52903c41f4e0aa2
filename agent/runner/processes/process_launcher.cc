#include "agent/runner/processes/process_launcher.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "agent/runner/processes/cgroup_tree.h"
#include "agent/runner/processes/keeper_tree.h"
#include "common/base/errors.h"
#include "common/base/log.h"

namespace tutti::runner {
namespace {

struct Pipe {
  FileDescriptor read_end;
  FileDescriptor write_end;
};

// Only our end does not block: the other one is the program's standard output.
bool MakePipe(Pipe& pipe) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return false;
  pipe.read_end.Reset(ends[0]);
  pipe.write_end.Reset(ends[1]);
  return fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ProcessLauncher>> ProcessLauncher::Create(
    EventLoop& loop, const std::string& cgroup_name, Containment containment) {
  // The limit that processes get is the one from before any change.
  OriginalDescriptorLimit();
  FileDescriptor null_device(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null_device.valid()) return SystemError(errno, "open /dev/null");
  std::unique_ptr<CgroupPool> pool;
  if (containment == Containment::kAutomatic) {
    size_t killed = 0;
    absl::StatusOr<std::unique_ptr<CgroupPool>> created =
        CgroupPool::Create(cgroup_name, &killed);
    if (killed > 0) {
      log::Warning("killed {} processes that an earlier runner had left",
                   killed);
    }
    if (created.ok()) {
      pool = *std::move(created);
    } else {
      log::Info("{}; each task gets a keeper process instead of a cgroup",
                TextOf(created.status()));
    }
  }
  return std::unique_ptr<ProcessLauncher>(
      new ProcessLauncher(loop, std::move(null_device), std::move(pool)));
}

std::variant<LaunchedProcess, StartFailure> ProcessLauncher::Start(
    const Launch& launch, ProcessTreeCallbacks callbacks) {
  Pipe output;
  Pipe error;
  if (!MakePipe(output) || !MakePipe(error)) {
    const int number = errno;
    return StartFailure{
        number, fmt::format("cannot make a pipe: {}", ErrnoText(number))};
  }
  const ProcessDescriptors descriptors = {
      .input = null_device_.get(),
      .output = output.write_end.get(),
      .error = error.write_end.get(),
      .cgroup = -1,
  };
  std::variant<std::unique_ptr<ProcessTree>, StartFailure> started =
      pool_ != nullptr
          ? StartInCgroup(launch, descriptors, std::move(callbacks))
          : KeeperTree::Start(loop_, launch, descriptors, std::move(callbacks));
  if (auto* failure = std::get_if<StartFailure>(&started)) {
    return std::move(*failure);
  }
  return LaunchedProcess{
      std::get<std::unique_ptr<ProcessTree>>(std::move(started)),
      std::move(output.read_end), std::move(error.read_end)};
}

std::variant<std::unique_ptr<ProcessTree>, StartFailure>
ProcessLauncher::StartInCgroup(const Launch& launch,
                               ProcessDescriptors descriptors,
                               ProcessTreeCallbacks callbacks) {
  absl::StatusOr<std::unique_ptr<Cgroup>> cgroup = pool_->Take();
  if (!cgroup.ok()) {
    return StartFailure{EAGAIN, std::string(TextOf(cgroup.status()))};
  }
  descriptors.cgroup = (*cgroup)->processes_fd();
  std::variant<StartedProcess, StartFailure> started =
      StartProcess(launch, descriptors);
  if (auto* failure = std::get_if<StartFailure>(&started)) {
    pool_->Return(*std::move(cgroup));
    return std::move(*failure);
  }
  auto& process = std::get<StartedProcess>(started);
  const pid_t pid = process.pid;
  absl::StatusOr<std::unique_ptr<ProcessTree>> tree =
      CgroupTree::Watch(loop_, *pool_, *std::move(cgroup), std::move(process),
                        std::move(callbacks));
  if (!tree.ok()) {
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return StartFailure{ENOMEM, std::string(TextOf(tree.status()))};
  }
  return *std::move(tree);
}

}  // namespace tutti::runner
