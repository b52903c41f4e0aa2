#include "common/jobs/resource_names.h"

#include <sys/resource.h>

#include <utility>

namespace tutti {
namespace {

constexpr std::pair<std::string_view, int> kResources[] = {
    {"as", RLIMIT_AS},
    {"core", RLIMIT_CORE},
    {"cpu", RLIMIT_CPU},
    {"data", RLIMIT_DATA},
    {"fsize", RLIMIT_FSIZE},
    {"locks", RLIMIT_LOCKS},
    {"memlock", RLIMIT_MEMLOCK},
    {"msgqueue", RLIMIT_MSGQUEUE},
    {"nice", RLIMIT_NICE},
    {"nofile", RLIMIT_NOFILE},
    {"nproc", RLIMIT_NPROC},
    {"rss", RLIMIT_RSS},
    {"rtprio", RLIMIT_RTPRIO},
    {"rttime", RLIMIT_RTTIME},
    {"sigpending", RLIMIT_SIGPENDING},
    {"stack", RLIMIT_STACK},
};

}  // namespace

std::optional<int> ResourceNumber(std::string_view name) {
  for (const auto& [known, number] : kResources) {
    if (known == name) return number;
  }
  return std::nullopt;
}

std::string ResourceNames() {
  std::string names;
  for (const auto& [name, number] : kResources) {
    if (!names.empty()) names += ", ";
    names += name;
  }
  return names;
}

}  // namespace tutti
