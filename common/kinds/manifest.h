// Manifests: what an add-in kind of job runs on a target, and which parameters
// it takes. See docs/kinds.md.
#ifndef COMMON_KINDS_MANIFEST_H_
#define COMMON_KINDS_MANIFEST_H_

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/kinds/parameter.h"

namespace tutti {

struct Manifest {
  // As its file is called, without ".yaml".
  std::string name;
  std::string version;
  std::string description;
  // Absolute.
  std::string program;
  std::vector<std::string> arguments;
  std::vector<Parameter> parameters;
  // Of jobs that name none; empty: the target's default user.
  std::string user;
  // Absent or 0: none.
  std::optional<absl::Duration> timeout;
  uint64_t memory_bytes = 0;
  uint64_t milli_cpus = 0;
  uint64_t processes = 0;
  // It reads what a job is fed with, behind its parameters.
  bool takes_input = false;
  // It writes messages and a result.
  bool side_streams = true;
  std::map<std::string, std::string> environment;

  // Null when there is none of that name.
  const Parameter* Find(std::string_view parameter) const;
};

// `path` is FOLDER/NAME.yaml. INVALID_ARGUMENT with a line for each mistake:
// "FILE:LINE: key 'program': ...". Says nothing about whether its program is
// there.
absl::StatusOr<Manifest> ParseManifest(std::string_view text,
                                       const std::string& path);

// Of parameters, for programs: an array of objects.
nlohmann::ordered_json ParametersToJson(const Manifest& manifest);
// The other way round; what is not understood is left out, as another version
// may have written it.
std::vector<Parameter> ParametersFromJson(const nlohmann::ordered_json& json);

}  // namespace tutti

#endif  // COMMON_KINDS_MANIFEST_H_
