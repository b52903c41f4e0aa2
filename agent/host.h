// What the agent says about its host.
#ifndef AGENT_HOST_H_
#define AGENT_HOST_H_

#include "agent/core/core.h"

namespace tutti::agent {

// What can't be found out is left empty.
HostDescription DescribeHost();

}  // namespace tutti::agent

#endif  // AGENT_HOST_H_
