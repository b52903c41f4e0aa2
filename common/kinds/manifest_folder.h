// The folder of manifests on a target: kinds.d/NAME.yaml.
#ifndef COMMON_KINDS_MANIFEST_FOLDER_H_
#define COMMON_KINDS_MANIFEST_FOLDER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/kinds/manifest.h"

namespace tutti {

inline constexpr char kDefaultManifestFolder[] = "/etc/tutti/kinds.d";
// Variable of a query's environment: where its target has them.
inline constexpr char kManifestFolderVariable[] = "TUTTI_KINDS_DIRECTORY";

// NOT_FOUND names the kinds that are there. PERMISSION_DENIED when others than
// root and this process's user may change its file, its program, or the folder
// of either: whoever can, runs what they like. Otherwise the mistakes in it, on
// one line.
absl::StatusOr<Manifest> LoadManifest(const std::string& folder,
                                      const std::string& name);

struct FoundManifest {
  // As the file is called.
  std::string name;
  std::string path;
  absl::StatusOr<Manifest> manifest;
};
// All that are there, by name; none where there is no such folder.
absl::StatusOr<std::vector<FoundManifest>> LoadManifests(
    const std::string& folder);

}  // namespace tutti

#endif  // COMMON_KINDS_MANIFEST_FOLDER_H_
