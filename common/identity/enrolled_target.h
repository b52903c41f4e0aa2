// What tutti-agent and tutti-runner find in the folder of a target, which
// `tutti-agent enroll` filled: DIR/agent.yaml, DIR/runner.yaml, DIR/trust.
#ifndef COMMON_IDENTITY_ENROLLED_TARGET_H_
#define COMMON_IDENTITY_ENROLLED_TARGET_H_

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/configuration/yaml_file.h"

namespace tutti {

// DIR/agent.yaml or DIR/runner.yaml. FAILED_PRECONDITION when it is not there.
absl::StatusOr<YamlMap> LoadTargetSettings(const std::string& path);

// DIR/state, which is /var/lib/tutti for /etc/tutti.
std::string DefaultStateDirectory(const std::filesystem::path& directory);

// Folders that are empty become DIR/trust and the default state directory,
// where `settings_path` is in DIR; an empty socket is in the state directory.
void SetDefaultPaths(const std::string& settings_path,
                     std::string& trust_directory, std::string& state_directory,
                     std::string& socket);

// Who enrolment made of this host: target.yaml in the trust directory.
struct EnrolledTarget {
  std::string fleet;
  std::string name;
  // "host:port", as the join token had them.
  std::vector<std::string> controllers;
};
// FAILED_PRECONDITION for a host that is not enrolled.
absl::StatusOr<EnrolledTarget> LoadEnrolledTarget(
    const std::string& trust_directory);

}  // namespace tutti

#endif  // COMMON_IDENTITY_ENROLLED_TARGET_H_
