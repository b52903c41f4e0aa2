// The resources that setrlimit(2) limits, by name.
#ifndef COMMON_JOBS_RESOURCE_NAMES_H_
#define COMMON_JOBS_RESOURCE_NAMES_H_

#include <optional>
#include <string>
#include <string_view>

namespace tutti {

// RLIMIT_NOFILE for "nofile"; empty for what is none.
std::optional<int> ResourceNumber(std::string_view name);

// "as, core, cpu, ...": all of them.
std::string ResourceNames();

}  // namespace tutti

#endif  // COMMON_JOBS_RESOURCE_NAMES_H_
