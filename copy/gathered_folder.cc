#include "copy/gathered_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "copy/destination.h"

namespace tutti::copy {
namespace {

// Rights that another host gave are none here.
constexpr uint32_t kPlainMode = 0777;

// There is no manifest; one gathering at a time writes to a folder.
std::string GatheredPart(std::string_view path) {
  return PartName(NameOf(path), "");
}

}  // namespace

v1::CopyEntry GatheredFolder::AsHere(v1::CopyEntry entry,
                                     uint32_t added_mode) const {
  if (!preserve_owner_) entry.clear_owner();
  entry.set_mode((entry.mode() & kPlainMode) | added_mode);
  return entry;
}

absl::StatusOr<GatheredFolder> GatheredFolder::Open(const std::string& path,
                                                    Listener listener,
                                                    bool preserve_owner) {
  FileDescriptor root(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root.valid()) {
    return SystemError(errno, fmt::format("open the folder {}", path));
  }
  return GatheredFolder(FolderTree(std::move(root), path), std::move(listener),
                        preserve_owner);
}

absl::Status GatheredFolder::OnDirectory(const v1::CopyEntry& entry) {
  const std::string& path = entry.path();
  TUTTI_ASSIGN_OR_RETURN(const int parent, tree_.Open(ParentOf(path)));
  const std::string name(NameOf(path));
  if (mkdirat(parent, name.c_str(), 0700) != 0) {
    if (errno != EEXIST) {
      return SystemError(errno,
                         fmt::format("make the folder {}", tree_.Shown(path)));
    }
    // It may be a link, or no folder.
    TUTTI_RETURN_IF_ERROR(tree_.Open(path).status());
  }
  // So that they can be read and removed again.
  directories_.push_back(AsHere(entry, S_IRWXU));
  return absl::OkStatus();
}

absl::Status GatheredFolder::OnSymlink(const v1::CopyEntry& entry) {
  const std::string& path = entry.path();
  const std::string shown = tree_.Shown(path);
  const std::string part = GatheredPart(path);
  TUTTI_ASSIGN_OR_RETURN(const int parent, tree_.Open(ParentOf(path)));
  TUTTI_RETURN_IF_ERROR(RemoveTree(parent, part, shown));
  if (symlinkat(entry.symlink().target().c_str(), parent, part.c_str()) != 0 ||
      renameat(parent, part.c_str(), parent,
               std::string(NameOf(path)).c_str()) != 0) {
    absl::Status failed =
        SystemError(errno, fmt::format("make the link {}", shown));
    unlinkat(parent, part.c_str(), 0);
    return failed;
  }
  return ApplyLinkAttributes(parent, std::string(NameOf(path)),
                             AsHere(entry, 0), accounts_, shown)
      .status();
}

absl::Status GatheredFolder::BeginFile(const v1::CopyEntry& entry) {
  entry_ = AsHere(entry, 0);
  const std::string shown = tree_.Shown(entry.path());
  TUTTI_ASSIGN_OR_RETURN(const int parent, tree_.Open(ParentOf(entry.path())));
  TUTTI_ASSIGN_OR_RETURN(
      std::optional<PartFile> left,
      PartFile::TakeUp(parent, GatheredPart(entry.path()), shown));
  if (left.has_value()) {
    TUTTI_RETURN_IF_ERROR(left->Discard(parent));
  }
  TUTTI_ASSIGN_OR_RETURN(
      part_, PartFile::Make(parent, GatheredPart(entry.path()), shown));
  const absl::Status sized =
      part_->SetSize(entry.file().size(), entry.file().sparse());
  if (sized.ok()) return absl::OkStatus();
  absl::Status status = sized;
  status.Update(AbandonFile());
  return status;
}

absl::Status GatheredFolder::OnBytes(uint64_t offset, std::string_view bytes) {
  return part_->Write(offset, bytes, entry_.file().sparse());
}

absl::Status GatheredFolder::EndFile(const std::string& digest) {
  const std::string& path = entry_.path();
  TUTTI_ASSIGN_OR_RETURN(const int parent, tree_.Open(ParentOf(path)));
  absl::Status status = part_->Commit(parent, std::string(NameOf(path)), entry_,
                                      accounts_, /*sync=*/false);
  if (!status.ok()) {
    status.Update(AbandonFile());
    return status;
  }
  part_.reset();
  if (listener_.on_file) {
    listener_.on_file({path, entry_.file().size(), entry_.mode(), digest});
  }
  return absl::OkStatus();
}

absl::Status GatheredFolder::AbandonFile() {
  if (!part_.has_value()) return absl::OkStatus();
  TUTTI_ASSIGN_OR_RETURN(const int parent, tree_.Open(ParentOf(entry_.path())));
  absl::Status status = part_->Discard(parent);
  part_.reset();
  return status;
}

absl::Status GatheredFolder::OnProblem(const std::string& path,
                                       const std::string& message) {
  if (listener_.on_problem) listener_.on_problem(path, message);
  return absl::OkStatus();
}

absl::Status GatheredFolder::Finish() {
  // The inner ones first: what is done in them changes the time of the outer.
  for (size_t i = directories_.size(); i-- > 0;) {
    const v1::CopyEntry& entry = directories_[i];
    TUTTI_ASSIGN_OR_RETURN(const int folder, tree_.Open(entry.path()));
    TUTTI_RETURN_IF_ERROR(
        ApplyAttributes(folder, entry, accounts_, tree_.Shown(entry.path()))
            .status());
  }
  // Once for all: for many small files that is much less.
  if (syncfs(tree_.root()) != 0) {
    return SystemError(errno,
                       fmt::format("sync the disk of {}", tree_.Shown("")));
  }
  directories_.clear();
  return absl::OkStatus();
}

}  // namespace tutti::copy
