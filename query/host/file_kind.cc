#include "query/host/file_kind.h"

#include <sys/stat.h>

#include <cerrno>
#include <string_view>

#include "query/host/distant_mounts.h"

namespace tutti::query {
namespace {

FileKind KindHere(const std::string& path) {
  struct stat status = {};
  if (stat(path.c_str(), &status) != 0) {
    return errno == ENOENT || errno == ENOTDIR ? FileKind::kNone
                                               : FileKind::kUnknown;
  }
  return S_ISDIR(status.st_mode) ? FileKind::kFolder : FileKind::kOther;
}

}  // namespace

FileKind KindOf(const std::string& path) {
  const absl::StatusOr<std::string> kind =
      ReachOne(path, [](const std::string& asked) {
        const auto byte = static_cast<char>(KindHere(asked));
        return absl::StatusOr<std::string>(std::string(1, byte));
      });
  return kind.ok() ? static_cast<FileKind>(kind->at(0)) : FileKind::kUnknown;
}

}  // namespace tutti::query
