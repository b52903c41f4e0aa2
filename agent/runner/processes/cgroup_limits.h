// Limits that a control group puts on all processes in it.
#ifndef AGENT_RUNNER_PROCESSES_CGROUP_LIMITS_H_
#define AGENT_RUNNER_PROCESSES_CGROUP_LIMITS_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "tutti/v1/envelope.pb.h"

namespace tutti::runner {

// Which of the controllers `memory`, `cpu` and `pids` (cgroups(7)) there are
// for the groups of tasks, and why the others are not. A value.
class CgroupControllers {
 public:
  // There are none; `why` reads "there is no ...".
  static CgroupControllers None(std::string_view why);
  // Enables what there is in the group `home` for the groups below `pool`,
  // which is below `home`.
  static CgroupControllers Enable(const std::string& home,
                                  const std::string& pool);

  // Takes out of `limits` what can not be kept here, and adds a remark about
  // it, when the job is content with that; otherwise FAILED_PRECONDITION.
  absl::Status Fit(tutti::v1::CgroupLimits& limits,
                   std::vector<std::string>& remarks) const;

 private:
  // Why one that is not there is not: a sentence that goes on "which ...".
  std::map<std::string_view, std::string> missing_;
};

bool HasLimits(const tutti::v1::CgroupLimits& limits);

// Puts them on the group with this path, for good.
absl::Status WriteLimits(const tutti::v1::CgroupLimits& limits,
                         const std::string& path);

// How many processes the kernel has killed in that group for want of memory.
uint64_t CountKilledForMemory(const std::string& path);

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_PROCESSES_CGROUP_LIMITS_H_
