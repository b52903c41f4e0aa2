// Limits of a rollout by label or fact.
#ifndef CONTROLLER_CORE_LABEL_LIMITS_H_
#define CONTROLLER_CORE_LABEL_LIMITS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "controller/jobs/job.h"
#include "controller/registry/agent_registry.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::controller {

// INVALID_ARGUMENT names a label that nobody has, with the nearest one, or,
// folded, the targets that lack it. A limit of 0 is none.
absl::Status CheckLabelLimits(
    const AgentRegistry& registry, const std::vector<std::string>& targets,
    const google::protobuf::RepeatedPtrField<v1::MaxPerLabel>& limits);

// Has the attempt's rollout keep to the limits that its settings say, by what
// the targets are now. Those that have lost the label since it was checked
// count as of one value.
void ApplyLabelLimits(const AgentRegistry& registry, const Job& job,
                      JobAttempt& attempt);

}  // namespace tutti::controller

#endif  // CONTROLLER_CORE_LABEL_LIMITS_H_
