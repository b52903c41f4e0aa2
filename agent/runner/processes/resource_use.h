// From rusage(2) to ours.
#ifndef AGENT_RUNNER_PROCESSES_RESOURCE_USE_H_
#define AGENT_RUNNER_PROCESSES_RESOURCE_USE_H_

#include <sys/resource.h>

#include "absl/time/time.h"
#include "agent/runner/processes/process_tree.h"

namespace tutti::runner {

inline MainEnd MakeMainEnd(int wait_status, const rusage& usage) {
  MainEnd end;
  end.wait_status = wait_status;
  end.user_time = absl::DurationFromTimeval(usage.ru_utime);
  end.system_time = absl::DurationFromTimeval(usage.ru_stime);
  // The kernel counts in KiB.
  end.peak_resident_bytes = static_cast<uint64_t>(usage.ru_maxrss) * 1024;
  return end;
}

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_PROCESSES_RESOURCE_USE_H_
