#include "common/identity/enrolled_target.h"

#include <string_view>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/identity/identity.h"

namespace tutti {
namespace {

constexpr std::string_view kSystemDirectory = "/etc/tutti";
constexpr std::string_view kSystemState = "/var/lib/tutti";

}  // namespace

absl::StatusOr<YamlMap> LoadTargetSettings(const std::string& path) {
  absl::StatusOr<YamlMap> map = YamlMap::Load(path);
  if (absl::IsNotFound(map.status())) {
    return FailedPrecondition(
        "there is no {}; run tutti-agent enroll with a join token, or give "
        "--dir or --config",
        path);
  }
  return map;
}

std::string DefaultStateDirectory(const std::filesystem::path& directory) {
  const std::filesystem::path folder =
      std::filesystem::absolute(directory).lexically_normal();
  if (folder == kSystemDirectory) return std::string(kSystemState);
  return (folder / "state").string();
}

void SetDefaultPaths(const std::string& settings_path,
                     std::string& trust_directory, std::string& state_directory,
                     std::string& socket) {
  const std::filesystem::path directory =
      std::filesystem::absolute(settings_path).lexically_normal().parent_path();
  if (trust_directory.empty()) trust_directory = directory / "trust";
  if (state_directory.empty()) {
    state_directory = DefaultStateDirectory(directory);
  }
  if (socket.empty()) socket = state_directory + "/runner.sock";
}

absl::StatusOr<EnrolledTarget> LoadEnrolledTarget(
    const std::string& trust_directory) {
  const std::string path = trust_directory + "/target.yaml";
  absl::StatusOr<YamlMap> map = YamlMap::Load(path);
  if (absl::IsNotFound(map.status())) {
    return FailedPrecondition(
        "this host is not enrolled ({} is missing); run tutti-agent enroll "
        "with a join token",
        path);
  }
  TUTTI_RETURN_IF_ERROR(map.status());
  EnrolledTarget target;
  map->Get("fleet", target.fleet);
  map->Get("name", target.name);
  map->Get("controllers", target.controllers);
  for (const char* key : {"fleet", "name", "controllers"}) map->Require(key);
  TUTTI_RETURN_IF_ERROR(map->Finish());
  TUTTI_RETURN_IF_ERROR(ValidateFleetName(target.fleet));
  TUTTI_RETURN_IF_ERROR(ValidateName(target.name));
  return target;
}

}  // namespace tutti
