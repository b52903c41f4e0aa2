#include "controller/cli/fetch/common_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/escaping.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "copy/folder.h"
#include "copy/manifest.h"

namespace tutti::cli {
namespace {

// Beside the file, for a moment.
constexpr char kLinkName[] = ".tutti-link";

// A file system without links, or a file with too many of them: then there are
// several copies.
bool KeepsItsOwn(int error) {
  return error == EPERM || error == EOPNOTSUPP || error == EMLINK ||
         error == EXDEV;
}

std::string KeyOf(const copy::GatheredFile& file) {
  return fmt::format("{}-{:o}",
                     std::string(absl::BytesToHexString(
                         {file.digest.data(), file.digest.size()})),
                     file.mode);
}

}  // namespace

absl::StatusOr<std::unique_ptr<CommonFiles>> CommonFiles::Open(
    const std::string& folder, uint64_t job, size_t tasks) {
  FileDescriptor parent(
      open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!parent.valid()) {
    return SystemError(errno, fmt::format("open the folder {}", folder));
  }
  std::string name = fmt::format(".tutti-fetch-{}", job);
  // What a fetch left that was killed.
  TUTTI_RETURN_IF_ERROR(copy::RemoveTree(parent.get(), name, folder));
  if (mkdirat(parent.get(), name.c_str(), 0700) != 0) {
    return SystemError(errno, fmt::format("make a folder in {}", folder));
  }
  FileDescriptor kept(openat(parent.get(), name.c_str(),
                             O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!kept.valid()) {
    return SystemError(errno, fmt::format("open a folder in {}", folder));
  }
  return std::unique_ptr<CommonFiles>(new CommonFiles(
      std::move(parent), std::move(kept), std::move(name), tasks));
}

CommonFiles::~CommonFiles() {
  // What stays is nothing but further names.
  copy::RemoveTree(parent_.get(), name_, name_).IgnoreError();
}

absl::Status CommonFiles::Add(size_t task, const std::string& target_folder,
                              const copy::GatheredFile& file) {
  Holders& holders = paths_[file.path][file.digest];
  if (holders.empty()) holders.resize(tasks_);
  holders[task] = true;
  copy::FolderTree tree(
      FileDescriptor(
          open(target_folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
      target_folder);
  TUTTI_ASSIGN_OR_RETURN(const int folder,
                         tree.Open(copy::ParentOf(file.path)));
  const std::string name(copy::NameOf(file.path));
  const std::string key = KeyOf(file);
  if (linkat(folder, name.c_str(), kept_.get(), key.c_str(), 0) == 0) {
    return absl::OkStatus();
  }
  if (errno == EEXIST) {
    unlinkat(folder, kLinkName, 0);
    if (linkat(kept_.get(), key.c_str(), folder, kLinkName, 0) == 0 &&
        renameat(folder, kLinkName, folder, name.c_str()) == 0) {
      return absl::OkStatus();
    }
  }
  const int error = errno;
  unlinkat(folder, kLinkName, 0);
  if (KeepsItsOwn(error)) return absl::OkStatus();
  return SystemError(error, fmt::format("link {}", tree.Shown(file.path)));
}

}  // namespace tutti::cli
