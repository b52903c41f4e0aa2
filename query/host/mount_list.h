// What is mounted (/proc/mounts, fstab(5)), and how full it is.
#ifndef QUERY_HOST_MOUNT_LIST_H_
#define QUERY_HOST_MOUNT_LIST_H_

#include <sys/statvfs.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

// Absent where it can not be told, and for what would be mounted by the
// question (autofs). `path` is where to look.
std::optional<struct statvfs> StateOf(const Mount& mount,
                                      const std::string& path);

}  // namespace tutti::query

#endif  // QUERY_HOST_MOUNT_LIST_H_
