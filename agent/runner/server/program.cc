#include "agent/runner/server/program.h"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "agent/runner/processes/start_process.h"
#include "common/base/descriptor_limit.h"
#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/file_descriptor.h"
#include "common/base/status_macros.h"

namespace tutti::runner {
namespace {

// What was killed is gone within this, unless a disk hangs.
constexpr absl::Duration kEndsWithin = absl::Seconds(1);

// posix_spawn(3) with no signal blocked or ignored. 0, or the errno value.
int Spawn(const std::string& path, char* const* arguments, pid_t& pid) {
  sigset_t none;
  sigemptyset(&none);
  sigset_t all;
  sigfillset(&all);
  sigdelset(&all, SIGKILL);
  sigdelset(&all, SIGSTOP);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  const int error =
      posix_spawn(&pid, path.c_str(), nullptr, &attributes, arguments, environ);
  posix_spawnattr_destroy(&attributes);
  return error;
}

// False when the time passed first.
bool HasEndedWithin(const FileDescriptor& pidfd, absl::Duration limit) {
  pollfd ended = {pidfd.get(), POLLIN, 0};
  int count;
  do {
    count = poll(&ended, 1, static_cast<int>(absl::ToInt64Milliseconds(limit)));
  } while (count < 0 && errno == EINTR);
  return count > 0;
}

}  // namespace

std::string Program::OwnPath() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored);
}

absl::Status Program::Execute() const {
  TUTTI_RETURN_IF_ERROR(Check());
  RestoreDescriptorLimit();
  execv(path_.c_str(), argv_);
  const int error = errno;
  RaiseDescriptorLimit();
  return SystemError(error, fmt::format("run {}", path_));
}

absl::Status Program::Check() const {
  std::vector<char*> arguments;
  for (char** argument = argv_; *argument != nullptr; ++argument) {
    arguments.push_back(*argument);
  }
  std::string check = "--check-config";
  arguments.push_back(check.data());
  arguments.push_back(nullptr);
  pid_t pid = 0;
  const int error = Spawn(path_, arguments.data(), pid);
  if (error != 0) return SystemError(error, fmt::format("run {}", path_));
  const FileDescriptor pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!HasEndedWithin(pidfd, check_within_)) {
    kill(pid, SIGKILL);
    HasEndedWithin(pidfd, kEndsWithin);
    waitpid(pid, nullptr, WNOHANG);
    return FailedPrecondition(
        "{} did not check its configuration within {}; see --check-config",
        path_, tutti::FormatDuration(check_within_));
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (status == 0) return absl::OkStatus();
  return FailedPrecondition(
      "{} does not start with its configuration; see --check-config", path_);
}

}  // namespace tutti::runner
