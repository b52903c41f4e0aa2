#include "agent/runner/processes/process_table.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <string_view>
#include <system_error>

namespace tutti::runner {
namespace {

// PID_MAX_LIMIT of the kernel: ids are below.
constexpr size_t kMostProcesses = 4 << 20;
constexpr size_t kTableBytes = kMostProcesses * sizeof(pid_t);

// The process that a folder of /proc stands for; 0 for other names.
pid_t ProcessOf(std::string_view name) {
  pid_t pid = 0;
  const char* const end = name.data() + name.size();
  const auto [parsed_to, error] = std::from_chars(name.data(), end, pid);
  const bool valid = error == std::errc() && parsed_to == end && pid > 0 &&
                     static_cast<size_t>(pid) < kMostProcesses;
  return valid ? pid : 0;
}

// By getdents64(2), as readdir(3) allocates. `visit` gets the process id and
// the name of its folder.
template <typename Visit>
void ForEachProcess(int proc, Visit visit) {
  lseek(proc, 0, SEEK_SET);
  alignas(dirent64) char buffer[4096];
  while (true) {
    const ssize_t bytes = syscall(SYS_getdents64, proc, buffer, sizeof buffer);
    if (bytes <= 0) return;
    for (ssize_t at = 0; at < bytes;) {
      const auto* entry = reinterpret_cast<const dirent64*>(buffer + at);
      const pid_t pid = ProcessOf(entry->d_name);
      if (pid != 0) visit(pid, entry->d_name);
      at += entry->d_reclen;
    }
  }
}

// By the file stat of a process's folder; 0 when it is gone.
pid_t ParentOf(int proc, std::string_view folder) {
  char path[32] = {};
  fmt::format_to_n(path, sizeof path - 1, "{}/stat", folder);
  const FileDescriptor file(openat(proc, path, O_RDONLY | O_CLOEXEC));
  char buffer[512];
  const ssize_t n = read(file.get(), buffer, sizeof buffer);
  if (n <= 0) return 0;
  // "PID (name) S PPID ...", where a name may hold anything.
  std::string_view rest(buffer, static_cast<size_t>(n));
  const size_t name_end = rest.rfind(')');
  if (name_end == std::string_view::npos || rest.size() < name_end + 4) {
    return 0;
  }
  rest.remove_prefix(name_end + 4);
  pid_t parent = 0;
  std::from_chars(rest.data(), rest.data() + rest.size(), parent);
  return parent;
}

}  // namespace

ProcessTable::ProcessTable()
    : folder_(open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  void* const memory = mmap(nullptr, kTableBytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory != MAP_FAILED) parents_ = static_cast<pid_t*>(memory);
}

ProcessTable::~ProcessTable() {
  if (parents_ != nullptr) munmap(parents_, kTableBytes);
}

void ProcessTable::ForEachDescendant(absl::FunctionRef<void(pid_t)> visit) {
  if (parents_ == nullptr) return;
  size_t count = 0;
  ForEachProcess(folder_.get(), [&](pid_t pid, std::string_view folder) {
    parents_[pid] = ParentOf(folder_.get(), folder);
    ++count;
  });
  const pid_t self = getpid();
  ForEachProcess(folder_.get(), [&](pid_t pid, std::string_view) {
    pid_t ancestor = parents_[pid];
    // The tree may have changed while it was read: bounded.
    for (size_t i = 0; ancestor > 1 && ancestor != self && i < count; ++i) {
      ancestor = parents_[ancestor];
    }
    if (ancestor == self) visit(pid);
  });
  // All zeros again, and no memory held.
  madvise(parents_, kTableBytes, MADV_DONTNEED);
}

}  // namespace tutti::runner
