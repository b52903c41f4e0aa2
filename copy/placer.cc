#include "copy/placer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/identity/sha256.h"

namespace tutti::copy {
namespace {

absl::Status NotWhatWasSigned(const std::string& shown) {
  return DataLoss(
      "a block of {} is not what was signed; the file is as it was; start the "
      "copy anew",
      shown);
}

}  // namespace

Placer::Placer(const v1::CopyManifest& manifest, const BlockNumbers& numbers,
               const std::string& manifest_digest, CopyPlan& plan,
               Destination& destination, BlockFeed& feed, Progress& progress)
    : manifest_(manifest),
      numbers_(numbers),
      manifest_digest_(manifest_digest),
      plan_(plan),
      destination_(destination),
      feed_(feed),
      progress_(progress) {}

absl::Status Placer::Run() {
  TUTTI_RETURN_IF_ERROR(destination_.Begin());
  for (int i = 0; i < manifest_.entries_size(); ++i) {
    TUTTI_RETURN_IF_ERROR(PlaceEntry(i));
  }
  if (!destination_.fresh()) {
    TUTTI_RETURN_IF_ERROR(SyncFolders());
  }
  // Once nothing in them changes any more; the inner ones first, as the outer
  // ones may then be closed to us.
  for (int i = manifest_.entries_size(); i-- > 0;) {
    if (!manifest_.entries(i).has_directory()) continue;
    TUTTI_RETURN_IF_ERROR(FinishDirectory(manifest_.entries(i)));
  }
  if (destination_.fresh()) ++changed_;
  return destination_.Commit();
}

absl::Status Placer::Discard() {
  absl::Status status;
  if (part_.has_value()) status = part_->Discard(part_folder_.get());
  part_.reset();
  status.Update(destination_.Discard());
  return status;
}

absl::Status Placer::PlaceEntry(int index) {
  const v1::CopyEntry& entry = manifest_.entries(index);
  const bool same = plan_.entries[static_cast<size_t>(index)].same;
  if (entry.has_directory()) return PlaceDirectory(entry, same);
  if (entry.has_symlink()) return PlaceSymlink(entry, same);
  TUTTI_RETURN_IF_ERROR(same ? KeepFile(index) : PlaceFile(index));
  progress_.OnFile();
  return absl::OkStatus();
}

absl::StatusOr<Placer::Target> Placer::Locate(const v1::CopyEntry& entry) {
  const std::string path = destination_.Map(entry.path());
  Target target;
  target.folder_path = ParentOf(path);
  target.name = NameOf(path);
  target.shown = destination_.Shown(entry.path());
  TUTTI_ASSIGN_OR_RETURN(target.folder,
                         destination_.tree().Open(target.folder_path));
  return target;
}

absl::Status Placer::PlaceDirectory(const v1::CopyEntry& entry, bool there) {
  if (there) return absl::OkStatus();
  TUTTI_ASSIGN_OR_RETURN(const Target target, Locate(entry));
  if (mkdirat(target.folder, target.name.c_str(), 0700) != 0) {
    // The folder of a fresh destination has been begun.
    if (errno == EEXIST && destination_.fresh()) return absl::OkStatus();
    return SystemError(errno, fmt::format("make the folder {}", target.shown));
  }
  ++changed_;
  touched_.insert(target.folder_path);
  return absl::OkStatus();
}

absl::Status Placer::FinishDirectory(const v1::CopyEntry& entry) {
  TUTTI_ASSIGN_OR_RETURN(const int folder, destination_.tree().Open(
                                               destination_.Map(entry.path())));
  TUTTI_ASSIGN_OR_RETURN(const bool changed,
                         ApplyAttributes(folder, entry, accounts_,
                                         destination_.Shown(entry.path())));
  if (changed) ++changed_;
  return absl::OkStatus();
}

absl::Status Placer::PlaceSymlink(const v1::CopyEntry& entry, bool same) {
  TUTTI_ASSIGN_OR_RETURN(const Target target, Locate(entry));
  if (same) {
    TUTTI_ASSIGN_OR_RETURN(const bool changed,
                           ApplyLinkAttributes(target.folder, target.name,
                                               entry, accounts_, target.shown));
    if (changed) ++changed_;
    return absl::OkStatus();
  }
  const std::string part = PartName(target.name, manifest_digest_);
  TUTTI_RETURN_IF_ERROR(RemoveTree(target.folder, part, target.shown));
  if (symlinkat(entry.symlink().target().c_str(), target.folder,
                part.c_str()) != 0) {
    return SystemError(errno, fmt::format("make the link {}", target.shown));
  }
  absl::Status status =
      ApplyLinkAttributes(target.folder, part, entry, accounts_, target.shown)
          .status();
  if (status.ok() && renameat(target.folder, part.c_str(), target.folder,
                              target.name.c_str()) != 0) {
    status = SystemError(errno, fmt::format("put {} in place", target.shown));
  }
  if (!status.ok()) {
    unlinkat(target.folder, part.c_str(), 0);
    return status;
  }
  ++changed_;
  touched_.insert(target.folder_path);
  return absl::OkStatus();
}

absl::StatusOr<FileDescriptor> Placer::OpenFile(const v1::CopyEntry& entry) {
  TUTTI_ASSIGN_OR_RETURN(const Target target, Locate(entry));
  FileDescriptor file(openat(target.folder, target.name.c_str(),
                             O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (file.valid()) return file;
  return SystemError(errno, fmt::format("open {}", target.shown));
}

absl::Status Placer::KeepFile(int index) {
  const v1::CopyEntry& entry = manifest_.entries(index);
  std::optional<PartFile>& left =
      plan_.entries[static_cast<size_t>(index)].part;
  if (left.has_value()) {
    TUTTI_ASSIGN_OR_RETURN(const Target target, Locate(entry));
    TUTTI_RETURN_IF_ERROR(left->Discard(target.folder));
    left.reset();
  }
  TUTTI_ASSIGN_OR_RETURN(const FileDescriptor file, OpenFile(entry));
  TUTTI_ASSIGN_OR_RETURN(const bool changed,
                         ApplyAttributes(file.get(), entry, accounts_,
                                         destination_.Shown(entry.path())));
  if (changed) ++changed_;
  return absl::OkStatus();
}

absl::Status Placer::PlaceFile(int index) {
  const v1::CopyEntry& entry = manifest_.entries(index);
  TUTTI_ASSIGN_OR_RETURN(const Target target, Locate(entry));
  // The tree may open other folders meanwhile.
  part_folder_.Reset(fcntl(target.folder, F_DUPFD_CLOEXEC, 0));
  if (!part_folder_.valid()) {
    return SystemError(errno,
                       fmt::format("open the folder of {}", target.shown));
  }
  part_ = std::move(plan_.entries[static_cast<size_t>(index)].part);
  if (!part_.has_value()) {
    TUTTI_ASSIGN_OR_RETURN(
        part_,
        PartFile::Make(part_folder_.get(),
                       PartName(target.name, manifest_digest_), target.shown));
  }
  TUTTI_RETURN_IF_ERROR(FillPart(index));
  TUTTI_RETURN_IF_ERROR(part_->Commit(part_folder_.get(), target.name, entry,
                                      accounts_, !destination_.fresh()));
  part_.reset();
  ++changed_;
  touched_.insert(target.folder_path);
  return absl::OkStatus();
}

absl::Status Placer::FillPart(int index) {
  const v1::CopyEntry& entry = manifest_.entries(index);
  const std::vector<BlockWay>& ways =
      plan_.entries[static_cast<size_t>(index)].blocks;
  FileDescriptor old_file;
  if (std::find(ways.begin(), ways.end(), BlockWay::kInOldFile) != ways.end()) {
    TUTTI_ASSIGN_OR_RETURN(old_file, OpenFile(entry));
  }
  TUTTI_RETURN_IF_ERROR(
      part_->SetSize(entry.file().size(), entry.file().sparse()));
  const std::vector<std::string_view> digests = DigestsOf(entry.file());
  for (size_t i = 0; i < digests.size(); ++i) {
    TUTTI_RETURN_IF_ERROR(FillBlock(index, i, digests[i], old_file.get()));
    progress_.OnBytes(
        BytesOfBlock(entry.file().size(), manifest_.block_bytes(), i));
  }
  return absl::OkStatus();
}

absl::Status Placer::FillBlock(int index, uint64_t block,
                               std::string_view digest, int old_file) {
  const v1::CopyEntry& entry = manifest_.entries(index);
  const uint64_t offset = block * manifest_.block_bytes();
  const uint32_t bytes =
      BytesOfBlock(entry.file().size(), manifest_.block_bytes(), block);
  switch (plan_.entries[static_cast<size_t>(index)].blocks[block]) {
    case BlockWay::kHole:
    case BlockWay::kInPart:
      return absl::OkStatus();
    case BlockWay::kZeros:
      return part_->Write(offset, std::string(bytes, '\0'), /*sparse=*/false);
    case BlockWay::kInOldFile:
      return CopyBlock(entry, old_file, offset, offset, bytes, digest);
    case BlockWay::kPlaced: {
      const BlockPlace& place = plan_.places[numbers_.NumberOf(digest)];
      TUTTI_ASSIGN_OR_RETURN(const int source, OpenPlaced(place.entry, index));
      return CopyBlock(entry, source, place.block * manifest_.block_bytes(),
                       offset, bytes, digest);
    }
    case BlockWay::kFed:
      return WriteFedBlock(entry, offset, bytes, digest);
  }
  return Internal("{} has a block without a plan", entry.path());
}

absl::Status Placer::WriteFedBlock(const v1::CopyEntry& entry, uint64_t offset,
                                   uint32_t bytes, std::string_view digest) {
  TUTTI_ASSIGN_OR_RETURN(const std::string_view packed, feed_.Next());
  const absl::StatusOr<std::string_view> plain =
      unpacker_.Unpack(packed, bytes);
  if (!plain.ok() || Sha256(*plain) != digest) {
    return NotWhatWasSigned(destination_.Shown(entry.path()));
  }
  return part_->Write(offset, *plain, entry.file().sparse());
}

absl::Status Placer::CopyBlock(const v1::CopyEntry& entry, int source,
                               uint64_t source_offset, uint64_t offset,
                               uint32_t bytes, std::string_view digest) {
  TUTTI_RETURN_IF_ERROR(part_->CopyFrom(source, source_offset, offset, bytes,
                                        entry.file().sparse()));
  const std::string shown = destination_.Shown(entry.path());
  TUTTI_RETURN_IF_ERROR(ReadAt(part_->fd(), offset, bytes, shown, block_));
  if (Sha256(block_) == digest) return absl::OkStatus();
  return FailedPrecondition(
      "what {} was to be made of changed since it was compared; copy it again",
      shown);
}

// A file of this copy that is complete, or the one that is being put together.
absl::StatusOr<int> Placer::OpenPlaced(int index, int current) {
  if (index == current) return part_->fd();
  if (index != placed_index_) {
    placed_index_ = -1;
    TUTTI_ASSIGN_OR_RETURN(placed_, OpenFile(manifest_.entries(index)));
    placed_index_ = index;
  }
  return placed_.get();
}

absl::Status Placer::SyncFolders() {
  for (const std::string& path : touched_) {
    TUTTI_ASSIGN_OR_RETURN(const int folder, destination_.tree().Open(path));
    if (fsync(folder) != 0) {
      return SystemError(errno, fmt::format("sync the folder {}",
                                            destination_.tree().Shown(path)));
    }
  }
  return absl::OkStatus();
}

}  // namespace tutti::copy
