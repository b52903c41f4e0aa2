// What dpkg knows of the packages of a host (dpkg(1), its admindir).
#ifndef QUERY_HOST_DPKG_DATABASE_H_
#define QUERY_HOST_DPKG_DATABASE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tutti::query {

// "[epoch:]upstream[-revision]"; views into it.
struct DebVersion {
  int64_t epoch = 0;
  std::string_view upstream, revision;
};
DebVersion ParseDebVersion(std::string_view version);

struct DebPackage {
  std::string name, version, architecture, maintainer, section, priority;
  // Of its source package, without a version.
  std::string source;
  // As written, "install ok installed", and the last word of it.
  std::string status, state;
  // Absent: the package does not say.
  std::optional<int64_t> size_bytes;
};

// Those of which there is anything on the host, files of configuration at
// least; none where dpkg is not.
absl::StatusOr<std::vector<DebPackage>> ReadDpkgDatabase(
    const std::string& admin_folder);

// When dpkg unpacked it last, in seconds of Unix time; absent: unknown.
std::optional<int64_t> UnpackTime(const std::string& admin_folder,
                                  const DebPackage& package);

}  // namespace tutti::query

#endif  // QUERY_HOST_DPKG_DATABASE_H_
