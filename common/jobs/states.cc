#include "common/jobs/states.h"

#include <string_view>

namespace tutti {
namespace {

std::string WithoutPrefix(std::string_view name, std::string_view prefix) {
  if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  return std::string(name);
}

}  // namespace

std::string StateName(v1::TaskState state) {
  return WithoutPrefix(v1::TaskState_Name(state), "TASK_STATE_");
}

std::string StateName(v1::JobState state) {
  return WithoutPrefix(v1::JobState_Name(state), "JOB_STATE_");
}

}  // namespace tutti
