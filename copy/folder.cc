#include "copy/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace tutti::copy {

absl::StatusOr<std::vector<std::string>> ListFolder(int fd,
                                                    const std::string& path) {
  FileDescriptor own(openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(
      own.valid() ? fdopendir(own.get()) : nullptr, closedir);
  if (folder == nullptr) {
    return SystemError(errno, fmt::format("read the folder {}", path));
  }
  own.Release();
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = readdir(folder.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) {
    return SystemError(errno, fmt::format("read the folder {}", path));
  }
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status RemoveTree(int folder, const std::string& name,
                        const std::string& path) {
  if (unlinkat(folder, name.c_str(), 0) == 0 || errno == ENOENT) {
    return absl::OkStatus();
  }
  if (errno != EISDIR && errno != EPERM) {
    return SystemError(errno, fmt::format("remove {}", path));
  }
  const FileDescriptor inside(openat(
      folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!inside.valid()) {
    return SystemError(errno, fmt::format("remove {}", path));
  }
  TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                         ListFolder(inside.get(), path));
  for (const std::string& inner : names) {
    TUTTI_RETURN_IF_ERROR(
        RemoveTree(inside.get(), inner, fmt::format("{}/{}", path, inner)));
  }
  if (unlinkat(folder, name.c_str(), AT_REMOVEDIR) != 0) {
    return SystemError(errno, fmt::format("remove the folder {}", path));
  }
  return absl::OkStatus();
}

std::string FolderTree::Shown(std::string_view relative) const {
  if (relative.empty()) return path_;
  return fmt::format("{}{}{}", path_, path_ == "/" ? "" : "/", relative);
}

absl::StatusOr<int> FolderTree::Open(std::string_view relative) {
  size_t depth = 0;
  std::string_view rest = relative;
  while (!rest.empty()) {
    const size_t slash = rest.find('/');
    const std::string_view name = rest.substr(0, slash);
    rest.remove_prefix(slash == rest.npos ? rest.size() : slash + 1);
    if (depth < open_.size() && open_[depth].first != name) {
      open_.resize(depth);
    }
    if (depth == open_.size()) {
      TUTTI_RETURN_IF_ERROR(
          Enter(std::string(name),
                relative.substr(0, relative.size() - rest.size())));
    }
    ++depth;
  }
  open_.resize(depth);
  return current();
}

absl::Status FolderTree::Enter(std::string name, std::string_view relative) {
  while (!relative.empty() && relative.back() == '/') {
    relative.remove_suffix(1);
  }
  FileDescriptor next(openat(current(), name.c_str(),
                             O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (next.valid()) {
    open_.emplace_back(std::move(name), std::move(next));
    return absl::OkStatus();
  }
  // Linux says ENOTDIR of a link as well, where a folder was asked for.
  if (errno == ELOOP || errno == ENOTDIR) {
    return FailedPrecondition(
        "{} is a symbolic link or no folder, and a copy goes through folders "
        "alone; name the folder itself as the destination",
        Shown(relative));
  }
  return SystemError(errno, fmt::format("open the folder {}", Shown(relative)));
}

}  // namespace tutti::copy
