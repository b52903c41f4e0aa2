// What is mounted (/proc/mounts, fstab(5)), and how full it is.
#ifndef QUERY_HOST_MOUNT_LIST_H_
#define QUERY_HOST_MOUNT_LIST_H_

#include <sys/statvfs.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tutti::query {

struct Mount {
  std::string device;
  std::string path;
  std::string type;
  // Separated by commas.
  std::string options;
};

// Lines with fewer fields are left out.
std::vector<Mount> ParseMounts(std::string_view content);

// `path` is where to look. NOT_FOUND: it is gone, or would be mounted by the
// question (autofs). IsSilent: its server does not answer.
absl::StatusOr<struct statvfs> StateOf(const Mount& mount,
                                       const std::string& path);

}  // namespace tutti::query

#endif  // QUERY_HOST_MOUNT_LIST_H_
