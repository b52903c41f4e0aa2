#include "agent/runner/processes/cgroup_limits.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/errors.h"
#include "common/base/file_descriptor.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "common/text/lines.h"

namespace tutti::runner {
namespace {

constexpr std::string_view kMemory = "memory";
constexpr std::string_view kCpu = "cpu";
constexpr std::string_view kPids = "pids";
constexpr std::string_view kControllers[] = {kMemory, kCpu, kPids};

// Of cpu.max, in microseconds.
constexpr uint64_t kCpuPeriod = 100'000;

// 0, or the errno value. Such a file takes its text in one call.
int WriteSetting(const std::string& path, std::string_view text) {
  const FileDescriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.valid()) return errno;
  const ssize_t written = write(file.get(), text.data(), text.size());
  return written == static_cast<ssize_t>(text.size()) ? 0 : errno;
}

absl::Status Set(const std::string& group, std::string_view file,
                 std::string_view text) {
  const std::string path = fmt::format("{}/{}", group, file);
  const int error = WriteSetting(path, text);
  if (error == 0) return absl::OkStatus();
  return SystemError(error, fmt::format("write {} to {}", text, path));
}

int EnableBelow(const std::string& group, std::string_view controller) {
  return WriteSetting(group + "/cgroup.subtree_control",
                      fmt::format("+{}", controller));
}

}  // namespace

CgroupControllers CgroupControllers::None(std::string_view why) {
  CgroupControllers controllers;
  for (const std::string_view name : kControllers) {
    controllers.missing_[name] = fmt::format("is not to be had: {}", why);
  }
  return controllers;
}

CgroupControllers CgroupControllers::Enable(const std::string& home,
                                            const std::string& pool) {
  CgroupControllers controllers;
  const std::string text = ReadFile(home + "/cgroup.controllers").value_or("");
  const std::vector<std::string_view> there = Words(Trimmed(text));
  for (const std::string_view name : kControllers) {
    if (std::find(there.begin(), there.end(), name) == there.end()) {
      controllers.missing_[name] = fmt::format(
          "is not in {} (bound to cgroup v1, disabled, or not delegated)",
          home);
      continue;
    }
    int error = EnableBelow(home, name);
    if (error == 0) error = EnableBelow(pool, name);
    if (error != 0) {
      controllers.missing_[name] = fmt::format(
          "can not be enabled below {}: {}", home, ErrnoText(error));
    }
  }
  return controllers;
}

absl::Status CgroupControllers::Fit(tutti::v1::CgroupLimits& limits,
                                    std::vector<std::string>& remarks) const {
  struct Wanted {
    bool wanted;
    std::string_view what;
    std::string_view controller;
    void (tutti::v1::CgroupLimits::*clear)();
  };
  const Wanted all[] = {
      {limits.memory_bytes() > 0, "memory", kMemory,
       &tutti::v1::CgroupLimits::clear_memory_bytes},
      {limits.milli_cpus() > 0, "CPU", kCpu,
       &tutti::v1::CgroupLimits::clear_milli_cpus},
      {limits.processes() > 0, "process", kPids,
       &tutti::v1::CgroupLimits::clear_processes},
  };
  for (const Wanted& limit : all) {
    const auto missing = missing_.find(limit.controller);
    if (!limit.wanted || missing == missing_.end()) continue;
    if (!limits.best_effort()) {
      return FailedPrecondition(
          "{} limits need the cgroup controller '{}', which {}; give "
          "--limit-best-effort to run without",
          limit.what, limit.controller, missing->second);
    }
    (limits.*limit.clear)();
    remarks.push_back(fmt::format(
        "it runs without its {} limit: the cgroup controller '{}' {}",
        limit.what, limit.controller, missing->second));
  }
  return absl::OkStatus();
}

bool HasLimits(const tutti::v1::CgroupLimits& limits) {
  return limits.memory_bytes() > 0 || limits.milli_cpus() > 0 ||
         limits.processes() > 0;
}

absl::Status WriteLimits(const tutti::v1::CgroupLimits& limits,
                         const std::string& path) {
  if (limits.memory_bytes() > 0) {
    TUTTI_RETURN_IF_ERROR(
        Set(path, "memory.max", fmt::format("{}", limits.memory_bytes())));
    // Half a task is of no use. Not every kernel has the two.
    WriteSetting(path + "/memory.oom.group", "1");
    WriteSetting(path + "/memory.swap.max", "0");
  }
  if (limits.milli_cpus() > 0) {
    TUTTI_RETURN_IF_ERROR(
        Set(path, "cpu.max",
            fmt::format("{} {}", limits.milli_cpus() * (kCpuPeriod / 1000),
                        kCpuPeriod)));
  }
  if (limits.processes() > 0) {
    TUTTI_RETURN_IF_ERROR(
        Set(path, "pids.max", fmt::format("{}", limits.processes())));
  }
  return absl::OkStatus();
}

uint64_t CountKilledForMemory(const std::string& path) {
  const std::string text = ReadFile(path + "/memory.events").value_or("");
  for (std::string_view rest = text; !rest.empty();) {
    const std::vector<std::string_view> words = Words(TakeLine(rest));
    if (words.size() != 2 || words[0] != "oom_kill") continue;
    uint64_t count = 0;
    std::from_chars(words[1].data(), words[1].data() + words[1].size(), count);
    return count;
  }
  return 0;
}

}  // namespace tutti::runner
