// What the agent says about its host.
#ifndef AGENT_HOST_H_
#define AGENT_HOST_H_

#include <map>
#include <string>

#include "common/relay/core.h"

namespace tutti::agent {

// What can't be found out is left empty, and such a fact is left out. Reads
// /proc and /sys, which takes about a millisecond.
relay::HostDescription DescribeHost(
    const std::map<std::string, std::string>& labels);

}  // namespace tutti::agent

#endif  // AGENT_HOST_H_
