#include "query/host/file_kind.h"

#include <sys/stat.h>

#include <cerrno>
#include <string_view>

#include "query/host/distant_mounts.h"

namespace tutti::query {
namespace {

FileKind KindHere(const std::string& path, bool through_links) {
  struct stat status = {};
  const int result = through_links ? stat(path.c_str(), &status)
                                   : lstat(path.c_str(), &status);
  if (result != 0) {
    return errno == ENOENT || errno == ENOTDIR ? FileKind::kNone
                                               : FileKind::kUnknown;
  }
  return S_ISDIR(status.st_mode)   ? FileKind::kFolder
         : S_ISLNK(status.st_mode) ? FileKind::kLink
                                   : FileKind::kOther;
}

FileKind KindOf(const std::string& path, bool through_links) {
  const absl::StatusOr<std::string> kind = ReachOne(path, [&] {
    const auto byte = static_cast<char>(KindHere(path, through_links));
    return absl::StatusOr<std::string>(std::string(1, byte));
  });
  return kind.ok() ? static_cast<FileKind>(kind->at(0)) : FileKind::kUnknown;
}

}  // namespace

FileKind KindOf(const std::string& path) {
  return KindOf(path, /*through_links=*/true);
}

FileKind OwnKindOf(const std::string& path) {
  return KindOf(path, /*through_links=*/false);
}

}  // namespace tutti::query
