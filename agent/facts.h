// What a host is: the facts that target expressions ask for.
#ifndef AGENT_FACTS_H_
#define AGENT_FACTS_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tutti::agent {

// By name. Facts that have no value are left out.
using Facts = std::map<std::string, std::vector<std::string>>;

// Of this host; docs/targets.md lists them.
Facts CollectFacts(std::string_view agent_version);

// Values of os-release(5) by name, without their quotes.
std::map<std::string, std::string> ParseOsRelease(std::string_view text);
// Bytes that /proc/meminfo calls MemTotal; 0: it does not say.
uint64_t ParseMemoryTotal(std::string_view meminfo);

}  // namespace tutti::agent

#endif  // AGENT_FACTS_H_
