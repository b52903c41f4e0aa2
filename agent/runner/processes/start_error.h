// Why a process could not be started.
#ifndef AGENT_RUNNER_PROCESSES_START_ERROR_H_
#define AGENT_RUNNER_PROCESSES_START_ERROR_H_

#include <cstdint>
#include <string>

#include "agent/runner/processes/launch.h"

namespace tutti::runner {

// Where and why a start failed, as plain data: a forked child can send it to
// its parent, which has the words.
struct StartError {
  enum class Step : uint8_t {
    kClone,
    kCgroup,
    kDescriptors,
    kNice,
    kIoPriority,
    kLimit,
    kUser,
    kDirectory,
    kProgram,
  };
  Step step = Step::kClone;
  int error = 0;
  // Index into Launch::programs, or with kLimit Launch::resource_limits, of the
  // one at fault; -1: there was none.
  int index = -1;
};

struct StartFailure {
  int error = 0;
  // One line for people.
  std::string reason;
};

StartFailure Explain(const Launch& launch, const StartError& failure);

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_PROCESSES_START_ERROR_H_
