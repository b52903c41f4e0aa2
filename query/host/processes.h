// Processes of a host, by its /proc (proc(5)).
#ifndef QUERY_HOST_PROCESSES_H_
#define QUERY_HOST_PROCESSES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/file_descriptor.h"

namespace tutti::query {

// Those that `proc`, a path, has now, in ascending order; with `only` that one,
// or none. A thread's number is one too where it is asked for, as in proc(5).
absl::StatusOr<std::vector<int64_t>> ProcessIds(const std::string& proc,
                                                std::optional<int64_t> only);

// "/proc/7/stat".
std::string ProcessPath(const std::string& proc, int64_t pid,
                        std::string_view name);

// The folder of one process. What is in it is the kernel's own and answers at
// once, so that it is read without the care that files of others need.
class ProcessFolder {
 public:
  // Texts go through `buffer`, which may serve many processes in turn.
  ProcessFolder(const std::string& proc, int64_t pid,
                std::vector<char>& buffer);

  // The text of a file, valid until the next call; empty where it can not be
  // read: the process has ended, or is another user's.
  std::string_view Read(const char* name) const;
  // Where a symbolic link leads to; absent likewise.
  std::optional<std::string> Link(const char* name) const;

 private:
  FileDescriptor folder_;
  std::vector<char>& buffer_;
};

struct ProcessStat {
  std::string name;
  // "R", "S", "Z", ...
  std::string state;
  int64_t parent = 0;
  int64_t group = 0;
  // Of user and system time, in clock ticks.
  int64_t user_ticks = 0;
  int64_t system_ticks = 0;
  int64_t nice = 0;
  int64_t threads = 0;
  // Clock ticks since the boot.
  int64_t start_ticks = 0;
};
// Of the text of /proc/PID/stat; absent when it is malformed.
std::optional<ProcessStat> ParseProcessStat(std::string_view text);

// A descriptor of a process and what it is open on: a path, or "socket:[7]".
struct ProcessDescriptor {
  int64_t number = 0;
  std::string target;
};
// None of a process that has ended or is another user's.
std::vector<ProcessDescriptor> DescriptorsOf(const std::string& proc,
                                             int64_t pid);

}  // namespace tutti::query

#endif  // QUERY_HOST_PROCESSES_H_
