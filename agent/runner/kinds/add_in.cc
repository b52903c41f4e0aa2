// What a manifest on the target names, with its parameters as JSON on standard
// input.
#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "agent/runner/kinds/kind.h"
#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/kinds/manifest_folder.h"
#include "common/kinds/parameter_values.h"

namespace tutti::runner {
namespace {

using tutti::v1::JobSpec;

absl::Status CheckStreams(const Manifest& manifest, const JobSpec& spec) {
  if (spec.has_terminal()) {
    return InvalidArgument(
        "kind '{}' has its parameters on standard input, where no terminal can "
        "be; leave --tty out",
        manifest.name);
  }
  if (spec.input().has_stream() && !manifest.takes_input) {
    return InvalidArgument(
        "kind '{}' takes no standard input; leave --stdin out", manifest.name);
  }
  return absl::OkStatus();
}

// Of two limits, where 0 is none.
uint64_t Stricter(uint64_t one, uint64_t other) {
  return one == 0 || other == 0 ? std::max(one, other) : std::min(one, other);
}

void LayLimits(const Manifest& manifest, JobSpec& spec) {
  if (manifest.timeout.has_value() &&
      (!spec.has_timeout() || ToDuration(spec.timeout()) > *manifest.timeout)) {
    *spec.mutable_timeout() = ToProto(*manifest.timeout);
  }
  if (manifest.memory_bytes == 0 && manifest.milli_cpus == 0 &&
      manifest.processes == 0) {
    return;
  }
  tutti::v1::CgroupLimits& limits = *spec.mutable_cgroup_limits();
  limits.set_memory_bytes(
      Stricter(limits.memory_bytes(), manifest.memory_bytes));
  limits.set_milli_cpus(Stricter(limits.milli_cpus(), manifest.milli_cpus));
  limits.set_processes(Stricter(limits.processes(), manifest.processes));
}

// The job's own words go before the manifest's, but for its limits.
void LayOver(const Manifest& manifest, JobSpec& spec) {
  if (spec.user().empty()) spec.set_user(manifest.user);
  LayLimits(manifest, spec);
  spec.set_side_streams(spec.side_streams() || manifest.side_streams);
  std::set<std::string> named;
  for (const tutti::v1::EnvironmentVariable& own : spec.environment()) {
    named.insert(own.name());
  }
  for (const auto& [name, value] : manifest.environment) {
    if (named.contains(name)) continue;
    tutti::v1::EnvironmentVariable& added = *spec.add_environment();
    added.set_name(name);
    added.set_value(value);
  }
}

}  // namespace

absl::StatusOr<JobWork> PlanAddIn(const KindRequest& request,
                                  const KindSettings& settings) {
  JobSpec& spec = request.spec;
  TUTTI_ASSIGN_OR_RETURN(
      const Manifest manifest,
      LoadManifest(settings.manifests, spec.add_in().name()));
  TUTTI_RETURN_IF_ERROR(CheckStreams(manifest, spec));
  TUTTI_ASSIGN_OR_RETURN(const auto given,
                         ParseParameterObject(spec.add_in().parameters()));
  TUTTI_ASSIGN_OR_RETURN(const auto values,
                         CompleteValues(manifest, given, request.secrets));
  LayOver(manifest, spec);
  JobWork work;
  work.arguments = {manifest.program};
  work.arguments.insert(work.arguments.end(), manifest.arguments.begin(),
                        manifest.arguments.end());
  work.input = values.dump() + "\n";
  work.environment["TUTTI_KIND"] = manifest.name;
  return work;
}

}  // namespace tutti::runner
