#include "agent/runner/processes/process_exit.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <optional>
#include <string>
#include <string_view>

#include "agent/runner/processes/resource_use.h"
#include "common/base/errors.h"
#include "common/base/file_descriptor.h"
#include "common/base/files.h"

namespace tutti::runner {
namespace {

// <linux/pidfd.h> of Linux 6.15, which is newer than this system's headers.
struct PidfdInfo {
  uint64_t mask = 0;
  uint64_t cgroup_id = 0;
  uint32_t pid = 0;
  uint32_t thread_group = 0;
  uint32_t parent = 0;
  uint32_t users_and_groups[8] = {};
  int32_t exit_code = 0;
};
static_assert(sizeof(PidfdInfo) == 64);
constexpr uint64_t kPidfdInfoExit = 1 << 3;
constexpr unsigned long kPidfdGetInfo = _IOWR(0xFF, 11, PidfdInfo);

// What the kernel remembers of a process that was reaped.
std::optional<int> StatusOfReaped(int pidfd) {
  PidfdInfo info;
  info.mask = kPidfdInfoExit;
  if (ioctl(pidfd, kPidfdGetInfo, &info) != 0 ||
      (info.mask & kPidfdInfoExit) == 0) {
    return std::nullopt;
  }
  return info.exit_code;
}

template <typename Number>
Number ParseNumber(std::string_view text) {
  Number number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// The process of a pidfd by proc(5): 0 when it is of another PID namespace, -1
// when it was reaped. Empty for any other descriptor.
std::optional<pid_t> PidOf(int descriptor) {
  const absl::StatusOr<std::string> info =
      ReadFile(fmt::format("/proc/self/fdinfo/{}", descriptor));
  if (!info.ok()) return std::nullopt;
  constexpr std::string_view kField = "\nPid:\t";
  const size_t at = info->find(kField);
  if (at == std::string::npos) return std::nullopt;
  return ParseNumber<pid_t>(std::string_view(*info).substr(at + kField.size()));
}

// What proc(5) says of one that waits to be reaped: its last field, which is 0
// for readers that may not see it.
std::optional<int> StatusOfZombie(int pidfd) {
  const pid_t pid = PidOf(pidfd).value_or(0);
  if (pid <= 0) return std::nullopt;
  const std::string folder = fmt::format("/proc/{}", pid);
  struct stat owner;
  if (stat(folder.c_str(), &owner) != 0 ||
      (geteuid() != 0 && owner.st_uid != geteuid())) {
    return std::nullopt;
  }
  const absl::StatusOr<std::string> text = ReadFile(folder + "/stat");
  if (!text.ok() || text->find(") Z ") == std::string::npos) {
    return std::nullopt;
  }
  // Not reaped yet, so that this was no other process of the same number.
  if (syscall(SYS_pidfd_send_signal, pidfd, 0, nullptr, 0) != 0) {
    return std::nullopt;
  }
  return ParseNumber<int>(std::string_view(*text).substr(text->rfind(' ') + 1));
}

int WaitStatus(const siginfo_t& info) {
  switch (info.si_code) {
    case CLD_EXITED:
      return (info.si_status & 0xff) << 8;
    case CLD_DUMPED:
      return info.si_status | 0x80;
    default:
      return info.si_status;
  }
}

MainEnd Lost() {
  MainEnd end;
  end.lost_because =
      "the runner was killed while it ran; its exit status is lost";
  return end;
}

}  // namespace

bool IsPidfd(int descriptor) { return PidOf(descriptor).has_value(); }

std::optional<MainEnd> TakeExitOfChild(int pidfd) {
  siginfo_t info = {};
  rusage usage = {};
  // Not waitid(3), which has no place for the usage.
  if (syscall(SYS_waitid, P_PIDFD, pidfd, &info, WEXITED | WNOHANG, &usage) !=
      0) {
    if (errno == EINTR) return std::nullopt;
    return Lost();
  }
  if (info.si_pid == 0) return std::nullopt;
  return MakeMainEnd(WaitStatus(info), usage);
}

std::optional<MainEnd> FindExitOfOther(int pidfd) {
  pollfd ended = {pidfd, POLLIN, 0};
  if (poll(&ended, 1, 0) == 0) return std::nullopt;
  std::optional<int> status = StatusOfZombie(pidfd);
  if (!status.has_value()) status = StatusOfReaped(pidfd);
  if (!status.has_value()) return Lost();
  MainEnd end;
  end.wait_status = *status;
  return end;
}

}  // namespace tutti::runner
