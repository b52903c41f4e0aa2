#include "agent/host.h"

#include <limits.h>
#include <unistd.h>

#include <sstream>
#include <string>
#include <string_view>

#include "common/base/files.h"

namespace tutti::agent {
namespace {

// Value of PRETTY_NAME in os-release(5).
std::string OperatingSystem() {
  constexpr std::string_view kKey = "PRETTY_NAME=";
  const auto text = ReadFile("/etc/os-release");
  if (!text.ok()) return "Linux";
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    if (line.compare(0, kKey.size(), kKey) != 0) continue;
    std::string value = line.substr(kKey.size());
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    return value;
  }
  return "Linux";
}

std::string BootId() {
  std::string text = ReadFile("/proc/sys/kernel/random/boot_id").value_or("");
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace

HostDescription DescribeHost() {
  char name[HOST_NAME_MAX + 1] = {};
  gethostname(name, HOST_NAME_MAX);
  return {TUTTI_VERSION, BootId(), name, OperatingSystem()};
}

}  // namespace tutti::agent
