#include "query/limits/limits.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <string>
#include <string_view>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/sanitizer.h"
#include "common/base/status_macros.h"

namespace tutti::query {
namespace {

// What a handler says when there is neither time nor memory left: it only
// writes what was put together before.
class LastWords {
 public:
  void Set(std::string_view text, int exit_status) {
    const std::string line = fmt::format("tutti-query: {}\n", text);
    size_ = line.copy(text_, sizeof text_);
    exit_status_ = exit_status;
  }
  [[noreturn]] void Say() const {
    // Nothing is left to be done where it can not be written.
    [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text_, size_);
    _exit(exit_status_);
  }

 private:
  char text_[256] = {};
  size_t size_ = 0;
  int exit_status_ = 0;
};
// Handlers have no argument.
LastWords out_of_time;
LastWords out_of_memory;

std::string Remedy(std::string_view setting) {
  return fmt::format("its limit; ask for less, or raise {} in runner.yaml",
                     setting);
}

// Sets the soft limit to `wanted` and the hard one `slack` above. False: the
// process was started with a smaller one.
absl::StatusOr<bool> Lower(decltype(RLIMIT_CPU) resource, rlim_t wanted,
                           rlim_t slack) {
  rlimit limit = {};
  if (getrlimit(resource, &limit) != 0) {
    return SystemError(errno, "read the limits of the process");
  }
  // RLIM_INFINITY is the largest number.
  if (limit.rlim_cur <= wanted) return false;
  limit.rlim_cur = wanted;
  limit.rlim_max = std::min(limit.rlim_max, wanted + slack);
  if (setrlimit(resource, &limit) != 0) {
    return SystemError(errno, "limit the process");
  }
  return true;
}

absl::Status LimitCpu(absl::Duration limit, int exit_status) {
  const auto seconds = static_cast<rlim_t>(
      absl::ToInt64Seconds(absl::Ceil(limit, absl::Seconds(1))));
  out_of_time.Set(fmt::format("the query used {} s of processor time, {}",
                              seconds, Remedy("query_cpu_limit")),
                  exit_status);
  struct sigaction action = {};
  action.sa_handler = [](int) { out_of_time.Say(); };
  // The second of slack is for the handler.
  TUTTI_ASSIGN_OR_RETURN(const bool ours, Lower(RLIMIT_CPU, seconds, 1));
  if (ours && sigaction(SIGXCPU, &action, nullptr) != 0) {
    return SystemError(errno, "watch the processor time");
  }
  return absl::OkStatus();
}

// SQLite's own allocation, which does without an answer no more than new does.
sqlite3_mem_methods sqlite_memory;

void* Allocate(int size) {
  void* memory = sqlite_memory.xMalloc(size);
  if (memory == nullptr) out_of_memory.Say();
  return memory;
}
void* Reallocate(void* old, int size) {
  void* memory = sqlite_memory.xRealloc(old, size);
  if (memory == nullptr) out_of_memory.Say();
  return memory;
}

absl::Status WatchSqlite() {
  int result = sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlite_memory);
  sqlite3_mem_methods watched = sqlite_memory;
  watched.xMalloc = Allocate;
  watched.xRealloc = Reallocate;
  if (result == SQLITE_OK) {
    result = sqlite3_config(SQLITE_CONFIG_MALLOC, &watched);
  }
  if (result == SQLITE_OK) return absl::OkStatus();
  return Internal("cannot watch the memory of SQLite: {}",
                  sqlite3_errstr(result));
}

absl::Status LimitMemory(uint64_t bytes, int exit_status) {
  if constexpr (kSanitized) return absl::OkStatus();
  out_of_memory.Set(
      fmt::format("the query needs more than {} of memory, {}",
                  FormatSize(bytes), Remedy("query_memory_limit")),
      exit_status);
  std::set_new_handler([] { out_of_memory.Say(); });
  TUTTI_RETURN_IF_ERROR(WatchSqlite());
  // What can be written and is nobody else's; libraries are not counted.
  return Lower(RLIMIT_DATA, bytes, 0).status();
}

}  // namespace

absl::Status LimitThisProcess(const QueryLimits& limits, int exit_status) {
  TUTTI_RETURN_IF_ERROR(LimitCpu(limits.cpu, exit_status));
  return LimitMemory(limits.memory, exit_status);
}

}  // namespace tutti::query
