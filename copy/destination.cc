#include "copy/destination.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/escaping.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "copy/manifest.h"

namespace tutti::copy {
namespace {

constexpr mode_t kPrivateFolder = 0700;
constexpr mode_t kPlainFolder = 0755;

int CountTops(const v1::CopyManifest& manifest) {
  return static_cast<int>(std::count_if(manifest.entries().begin(),
                                        manifest.entries().end(),
                                        [](const v1::CopyEntry& entry) {
                                          return ParentOf(entry.path()).empty();
                                        }));
}

absl::StatusOr<FolderTree> OpenRoot(const std::string& path) {
  FileDescriptor root(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (root.valid()) return FolderTree(std::move(root), path);
  if (errno == ENOENT) {
    return NotFound("the folder {} is not there; make it first", path);
  }
  return SystemError(errno, fmt::format("open the folder {}", path));
}

// What is at DEST before anything is done.
enum class Before { kNothing, kFolder, kOther };

absl::StatusOr<Before> LookAt(const std::string& path) {
  struct stat info = {};
  if (stat(path.c_str(), &info) == 0) {
    return S_ISDIR(info.st_mode) ? Before::kFolder : Before::kOther;
  }
  if (errno == ENOENT) {
    // A link to nothing is something.
    return lstat(path.c_str(), &info) == 0 ? Before::kOther : Before::kNothing;
  }
  return SystemError(errno, fmt::format("look at {}", path));
}

}  // namespace

std::string PartName(std::string_view name, std::string_view manifest_digest) {
  const std::string ending = fmt::format(
      ".tutti-{}.part",
      absl::BytesToHexString({manifest_digest.data(),
                              std::min<size_t>(manifest_digest.size(), 4)}));
  return fmt::format(".{}{}", name.substr(0, kMaxNameBytes - 1 - ending.size()),
                     ending);
}

absl::StatusOr<Destination> Destination::Find(
    const std::string& path, const v1::CopyManifest& manifest,
    std::string_view manifest_digest) {
  if (path.empty() || path[0] != '/') {
    return InvalidArgument(
        "the destination '{}' is not absolute; begin it with '/'", path);
  }
  std::string stripped = path;
  while (stripped.size() > 1 && stripped.back() == '/') stripped.pop_back();
  TUTTI_ASSIGN_OR_RETURN(const Before before, LookAt(stripped));
  if (before == Before::kFolder) {
    TUTTI_ASSIGN_OR_RETURN(FolderTree tree, OpenRoot(stripped));
    return Destination(std::move(tree), stripped);
  }
  const bool into = stripped != path || CountTops(manifest) > 1;
  const bool makes_folder = into || manifest.entries(0).has_directory();
  if (before == Before::kOther && makes_folder) {
    return FailedPrecondition(
        "{} is no folder, and what is copied needs one; remove it, or name "
        "another destination",
        stripped);
  }
  const std::string name(NameOf(stripped));
  TUTTI_RETURN_IF_ERROR(CheckPath(name));
  const std::string parent(ParentOf(stripped));
  TUTTI_ASSIGN_OR_RETURN(FolderTree tree,
                         OpenRoot(parent.empty() ? "/" : parent));
  Destination destination(std::move(tree), stripped);
  destination.name_ = name;
  destination.container_ = into;
  if (makes_folder) {
    destination.part_ = PartName(name, manifest_digest);
    TUTTI_RETURN_IF_ERROR(destination.CheckPart());
  }
  return destination;
}

std::string Destination::Map(std::string_view entry) const {
  if (name_.empty()) return std::string(entry);
  const std::string& top = fresh() ? part_ : name_;
  if (container_) return fmt::format("{}/{}", top, entry);
  return fmt::format("{}{}", top, entry.substr(TopOf(entry).size()));
}

std::string Destination::Shown(std::string_view entry) const {
  if (name_.empty()) return tree_.Shown(entry);
  if (container_) return fmt::format("{}/{}", path_, entry);
  return fmt::format("{}{}", path_, entry.substr(TopOf(entry).size()));
}

absl::Status Destination::Begin() {
  if (!fresh() || mkdirat(tree_.root(), part_.c_str(), kPrivateFolder) == 0) {
    return absl::OkStatus();
  }
  if (errno == EEXIST) return CheckPart();
  return SystemError(errno, fmt::format("make the folder {}", path_));
}

// It is of an earlier try, unless somebody would like to have a hand in it.
absl::Status Destination::CheckPart() {
  struct stat info = {};
  if (fstatat(tree_.root(), part_.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 &&
      errno == ENOENT) {
    return absl::OkStatus();
  }
  if (S_ISDIR(info.st_mode) && info.st_uid == geteuid() &&
      (info.st_mode & (S_IWGRP | S_IWOTH)) == 0) {
    return absl::OkStatus();
  }
  return FailedPrecondition("{} is not of an earlier copy; remove it",
                            tree_.Shown(part_));
}

absl::Status Destination::Commit() {
  if (!fresh()) return absl::OkStatus();
  TUTTI_ASSIGN_OR_RETURN(const int folder, tree_.Open(part_));
  if (container_ && fchmod(folder, kPlainFolder) != 0) {
    return SystemError(errno, fmt::format("set the mode of {}", path_));
  }
  // Once for all that is in it: for many small files that is much less.
  if (syncfs(folder) != 0) {
    return SystemError(errno, fmt::format("sync the disk of {}", path_));
  }
  if (renameat2(tree_.root(), part_.c_str(), tree_.root(), name_.c_str(),
                RENAME_NOREPLACE) != 0) {
    return SystemError(errno, fmt::format("put {} in place", path_));
  }
  if (fsync(tree_.root()) != 0) {
    return SystemError(errno, fmt::format("sync the folder of {}", path_));
  }
  return absl::OkStatus();
}

absl::Status Destination::Discard() {
  if (!fresh()) return absl::OkStatus();
  return RemoveTree(tree_.root(), part_, tree_.Shown(part_));
}

}  // namespace tutti::copy
