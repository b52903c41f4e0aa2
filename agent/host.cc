#include "agent/host.h"

#include <limits.h>
#include <unistd.h>

#include "agent/facts.h"
#include "common/base/files.h"

namespace tutti::agent {
namespace {

std::string BootId() {
  std::string text = ReadFile("/proc/sys/kernel/random/boot_id").value_or("");
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace

relay::HostDescription DescribeHost(
    const std::map<std::string, std::string>& labels) {
  char name[HOST_NAME_MAX + 1] = {};
  gethostname(name, HOST_NAME_MAX);
  Facts facts = CollectFacts(TUTTI_VERSION);
  relay::HostDescription host{TUTTI_VERSION, BootId(), name, "Linux", {}};
  if (const auto os = facts.find("os.name"); os != facts.end()) {
    host.operating_system = os->second[0];
  }
  host.attributes.mutable_labels()->insert(labels.begin(), labels.end());
  for (auto& [fact_name, values] : facts) {
    v1::Fact& fact = *host.attributes.add_facts();
    fact.set_name(fact_name);
    for (std::string& value : values) fact.add_values(std::move(value));
  }
  return host;
}

}  // namespace tutti::agent
