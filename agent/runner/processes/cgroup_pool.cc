#include "agent/runner/processes/cgroup_pool.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/runner/processes/start_process.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "common/text/lines.h"

namespace tutti::runner {
namespace {

// More idle ones than a burst leaves behind are not worth their descriptors.
constexpr size_t kMaxIdle = 64;
// What forks faster than it is stopped goes on.
constexpr int kMaxStopRounds = 1000;
// Extended attributes that mark a kept group: the first can be had by any owner
// (Linux 5.7), the second by root.
constexpr const char* kKeptMarks[] = {"user.tutti.kept", "trusted.tutti.kept"};

std::vector<std::string> Subfolders(const std::string& path) {
  std::vector<std::string> names;
  std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(path.c_str()),
                                                closedir);
  if (directory == nullptr) return names;
  while (const dirent* entry = readdir(directory.get())) {
    if (entry->d_type == DT_DIR && entry->d_name[0] != '.') {
      names.emplace_back(entry->d_name);
    }
  }
  return names;
}

}  // namespace

std::string FindCgroupMount(std::string_view mountinfo) {
  while (!mountinfo.empty()) {
    const std::vector<std::string_view> words = Words(TakeLine(mountinfo));
    // proc(5): the type comes behind a dash, the mount point is the fifth.
    const auto dash = std::find(words.begin(), words.end(), "-");
    if (words.size() > 5 && words.end() - dash > 1 && dash[1] == "cgroup2") {
      return std::string(words[4]);
    }
  }
  return "";
}

std::string FindOwnCgroup(std::string_view self_cgroup) {
  while (!self_cgroup.empty()) {
    const std::string_view line = TakeLine(self_cgroup);
    if (line.starts_with("0::")) return std::string(line.substr(3));
  }
  return "";
}

std::string FindTasksHome(std::string_view own) {
  const size_t slash = own.rfind('/');
  return std::string(own.substr(slash) == "/runner" || own == "/"
                         ? own.substr(0, slash)
                         : own);
}

absl::StatusOr<std::unique_ptr<Cgroup>> Cgroup::Open(std::string path) {
  FileDescriptor directory(
      open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid()) {
    return SystemError(errno, fmt::format("open {}", path));
  }
  FileDescriptor events(
      openat(directory.get(), "cgroup.events", O_RDONLY | O_CLOEXEC));
  if (!events.valid()) {
    return SystemError(errno, fmt::format("open {}/cgroup.events", path));
  }
  auto cgroup = std::unique_ptr<Cgroup>(
      new Cgroup(std::move(path), std::move(directory), std::move(events)));
  for (const char* mark : kKeptMarks) {
    if (fgetxattr(cgroup->directory_fd(), mark, nullptr, 0) >= 0) {
      cgroup->kept_ = true;
    }
  }
  return cgroup;
}

absl::Status Cgroup::Keep() {
  kept_ = true;
  for (const char* mark : kKeptMarks) {
    if (fsetxattr(directory_.get(), mark, "", 0, 0) == 0) {
      return absl::OkStatus();
    }
  }
  return SystemError(errno, fmt::format("mark the cgroup {} as kept", path_));
}

bool Cgroup::populated() const {
  char buffer[128];
  const ssize_t n = pread(events_.get(), buffer, sizeof buffer, 0);
  if (n <= 0) return false;
  return std::string_view(buffer, static_cast<size_t>(n)).find("populated 1") !=
         std::string_view::npos;
}

std::vector<pid_t> Cgroup::Processes() const {
  // Of a group that is gone there are none.
  const std::string text = ReadFile(path_ + "/cgroup.procs").value_or("");
  std::vector<pid_t> processes;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view line = TakeLine(rest);
    pid_t pid = 0;
    std::from_chars(line.data(), line.data() + line.size(), pid);
    // 0 stands for a process of another PID namespace.
    if (pid > 0) processes.push_back(pid);
  }
  return processes;
}

void Cgroup::Kill() {
  killed_ = true;
  FileDescriptor kill_file(
      open((path_ + "/cgroup.kill").c_str(), O_WRONLY | O_CLOEXEC));
  if (kill_file.valid() && write(kill_file.get(), "1", 1) == 1) return;
  for (pid_t pid : Processes()) kill(pid, SIGKILL);
}

absl::Status Cgroup::SetFrozen(bool frozen) {
  const FileDescriptor file(
      openat(directory_.get(), "cgroup.freeze", O_WRONLY | O_CLOEXEC));
  if (file.valid() && write(file.get(), frozen ? "1" : "0", 1) == 1) {
    return absl::OkStatus();
  }
  return SystemError(errno, fmt::format("write {}/cgroup.freeze", path_));
}

bool Cgroup::frozen() const {
  const FileDescriptor file(
      openat(directory_.get(), "cgroup.freeze", O_RDONLY | O_CLOEXEC));
  char value = '0';
  return file.valid() && read(file.get(), &value, 1) == 1 && value != '0';
}

bool Cgroup::CanBeFrozen() const {
  return faccessat(directory_.get(), "cgroup.freeze", W_OK, 0) == 0;
}

void Cgroup::StopProcesses() const {
  std::set<pid_t> stopped;
  bool again = true;
  for (int round = 0; again && round < kMaxStopRounds; ++round) {
    again = false;
    for (const pid_t pid : Processes()) {
      if (!stopped.insert(pid).second) continue;
      kill(pid, SIGSTOP);
      again = true;
    }
  }
}

absl::StatusOr<std::unique_ptr<CgroupPool>> CgroupPool::Create(
    const std::string& name) {
  TUTTI_ASSIGN_OR_RETURN(std::string mountinfo,
                         ReadFile("/proc/self/mountinfo"));
  TUTTI_ASSIGN_OR_RETURN(std::string self_cgroup,
                         ReadFile("/proc/self/cgroup"));
  const std::string mount = FindCgroupMount(mountinfo);
  const std::string own = FindOwnCgroup(self_cgroup);
  if (mount.empty() || own.empty()) {
    return NotFound("there is no cgroup v2 hierarchy on this host");
  }
  const std::string home = mount + FindTasksHome(own);
  const std::string path = fmt::format("{}/{}", home, name);
  if (mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) {
    return SystemError(errno, fmt::format("make the cgroup {}", path));
  }
  auto pool = std::unique_ptr<CgroupPool>(new CgroupPool(path));
  pool->controllers_ = CgroupControllers::Enable(home, path);
  TUTTI_RETURN_IF_ERROR(pool->FindLeftovers());
  TUTTI_RETURN_IF_ERROR(pool->Probe());
  return pool;
}

absl::Status CgroupPool::FindLeftovers() {
  for (const std::string& name : Subfolders(path_)) {
    TUTTI_ASSIGN_OR_RETURN(std::unique_ptr<Cgroup> cgroup,
                           Cgroup::Open(path_ + "/" + name));
    cgroup->MarkLimited();
    leftovers_[name] = std::move(cgroup);
    uint64_t number = 0;
    std::from_chars(name.data(), name.data() + name.size(), number);
    next_ = std::max(next_, number + 1);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Cgroup>> CgroupPool::Claim(
    const std::string& name) {
  auto found = leftovers_.extract(name);
  if (found.empty()) return NotFound("no cgroup '{}' was left", name);
  return std::move(found.mapped());
}

size_t CgroupPool::EndLeftovers() {
  size_t killed = 0;
  for (auto& [name, cgroup] : std::exchange(leftovers_, {})) {
    if (!cgroup->kept()) {
      killed += cgroup->Processes().size();
      cgroup->Kill();
    }
    Return(std::move(cgroup));
  }
  return killed;
}

// Whether a process may really enter: that depends on more than the mode of a
// file (cgroups(7), "Cgroup delegation containment").
absl::Status CgroupPool::Probe() {
  TUTTI_ASSIGN_OR_RETURN(std::unique_ptr<Cgroup> cgroup, Take());
  const pid_t pid = fork();
  if (pid < 0) return SystemError(errno, "start a process");
  if (pid == 0) {
    const int processes =
        openat(cgroup->directory_fd(), "cgroup.procs", O_WRONLY | O_CLOEXEC);
    _exit(processes >= 0 && write(processes, "0", 1) == 1 ? 0 : errno);
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0) {
    return SystemError(WEXITSTATUS(status),
                       fmt::format("enter the cgroup {}", cgroup->path()));
  }
  birth_inside_ = CanBeBornIn(cgroup->directory_fd());
  Return(std::move(cgroup));
  return absl::OkStatus();
}

CgroupPool::~CgroupPool() {
  for (auto* list : {&idle_, &occupied_}) {
    for (const std::unique_ptr<Cgroup>& cgroup : *list) {
      rmdir(cgroup->path().c_str());
    }
  }
  rmdir(path_.c_str());
}

absl::StatusOr<std::unique_ptr<Cgroup>> CgroupPool::Take() {
  if (idle_.empty()) {
    for (std::unique_ptr<Cgroup>& cgroup : occupied_) {
      if (!cgroup->populated()) KeepOrRemove(std::move(cgroup));
    }
    std::erase(occupied_, nullptr);
  }
  if (!idle_.empty()) {
    std::unique_ptr<Cgroup> cgroup = std::move(idle_.back());
    idle_.pop_back();
    return cgroup;
  }
  std::string path = fmt::format("{}/{}", path_, next_++);
  if (mkdir(path.c_str(), 0755) != 0) {
    return SystemError(errno, fmt::format("make the cgroup {}", path));
  }
  return Cgroup::Open(std::move(path));
}

void CgroupPool::Return(std::unique_ptr<Cgroup> cgroup) {
  if (cgroup->populated()) {
    occupied_.push_back(std::move(cgroup));
  } else {
    KeepOrRemove(std::move(cgroup));
  }
}

void CgroupPool::KeepOrRemove(std::unique_ptr<Cgroup> cgroup) {
  if (idle_.size() < kMaxIdle && !cgroup->killed() && !cgroup->kept() &&
      !cgroup->limited() && !cgroup->frozen()) {
    idle_.push_back(std::move(cgroup));
  } else {
    rmdir(cgroup->path().c_str());
  }
}

}  // namespace tutti::runner
