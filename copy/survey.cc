#include "copy/survey.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/identity/sha256.h"
#include "copy/block.h"

namespace tutti::copy {
namespace {

constexpr uint64_t kStatBlockBytes = 512;  // of st_blocks, whatever the disk

// What is to be replaced.
struct OldEntry {
  bool there = false;
  struct stat info = {};
  // Of a file that is to be compared.
  FileDescriptor file;
  // A link to what the entry says.
  bool same_link = false;
};

bool IsLinkTo(int folder, const std::string& name, std::string_view target) {
  // One byte more than what is looked for.
  std::string found(target.size() + 1, '\0');
  const ssize_t length =
      readlinkat(folder, name.c_str(), found.data(), found.size());
  return length >= 0 && std::string_view(found).substr(
                            0, static_cast<size_t>(length)) == target;
}

class Surveyor {
 public:
  Surveyor(const v1::CopyManifest& manifest, const BlockNumbers& numbers,
           const SurveyOptions& options, Destination& destination)
      : manifest_(manifest),
        numbers_(numbers),
        options_(options),
        destination_(destination) {
    plan_.entries.resize(static_cast<size_t>(manifest.entries_size()));
    plan_.places.resize(numbers.size());
  }

  absl::StatusOr<CopyPlan> Run() {
    for (int i = 0; i < manifest_.entries_size(); ++i) {
      TUTTI_RETURN_IF_ERROR(LookAt(i));
    }
    TUTTI_RETURN_IF_ERROR(room_.Check());
    return std::move(plan_);
  }

 private:
  absl::Status LookAt(int index) {
    const v1::CopyEntry& entry = manifest_.entries(index);
    const std::string path = destination_.Map(entry.path());
    const std::string shown = destination_.Shown(entry.path());
    const std::string name(NameOf(path));
    TUTTI_ASSIGN_OR_RETURN(const Nearest nearest, FindFolder(path));
    OldEntry old;
    if (nearest.is_parent) {
      TUTTI_ASSIGN_OR_RETURN(old,
                             LookAtOld(nearest.folder, name, entry, shown));
    }
    EntryPlan& plan = plan_.entries[static_cast<size_t>(index)];
    if (entry.has_file()) {
      if (nearest.is_parent) {
        TUTTI_ASSIGN_OR_RETURN(
            plan.part,
            PartFile::TakeUp(nearest.folder,
                             PartName(name, options_.part_digest), shown));
      }
      TUTTI_RETURN_IF_ERROR(PlanFile(index, old, shown));
      if (!plan.same) {
        TUTTI_RETURN_IF_ERROR(AccountFor(nearest.folder, entry, old, plan));
      }
    } else {
      plan.same = old.there && (entry.has_directory() || old.same_link);
    }
    if (plan.same || !nearest.is_parent) return absl::OkStatus();
    return CheckWritable(nearest.folder, ParentOf(path));
  }

  struct Nearest {
    int folder = -1;
    bool is_parent = false;
  };

  // The folder of a path, or what there is above it.
  absl::StatusOr<Nearest> FindFolder(std::string_view path) {
    Nearest nearest;
    nearest.is_parent = true;
    for (std::string_view parent = ParentOf(path);; parent = ParentOf(parent)) {
      const absl::StatusOr<int> folder = destination_.tree().Open(parent);
      if (folder.ok()) {
        nearest.folder = *folder;
        return nearest;
      }
      if (!absl::IsNotFound(folder.status()) || parent.empty()) {
        return folder.status();
      }
      nearest.is_parent = false;
    }
  }

  absl::StatusOr<OldEntry> LookAtOld(int folder, const std::string& name,
                                     const v1::CopyEntry& entry,
                                     const std::string& shown) {
    OldEntry old;
    if (fstatat(folder, name.c_str(), &old.info, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) return old;
      return SystemError(errno, fmt::format("look at {}", shown));
    }
    old.there = true;
    const mode_t mode = old.info.st_mode;
    if (entry.has_directory()) {
      if (S_ISDIR(mode)) return old;
      return FailedPrecondition(
          "{} is no folder, and the copy has one there; remove it first",
          shown);
    }
    if (!S_ISREG(mode) && !S_ISLNK(mode)) {
      return FailedPrecondition(
          "{} is {}, and the copy has a {} there; remove it first", shown,
          S_ISDIR(mode) ? "a folder" : "a device or a pipe",
          entry.has_file() ? "file" : "symbolic link");
    }
    old.same_link = entry.has_symlink() && S_ISLNK(mode) &&
                    IsLinkTo(folder, name, entry.symlink().target());
    if (entry.has_file() && S_ISREG(mode) && IsToCompare(entry, old.info)) {
      old.file.Reset(openat(folder, name.c_str(),
                            O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
      // What can not be read is replaced without being looked at.
      if (old.file.valid() && fstat(old.file.get(), &old.info) != 0) {
        old.file.Reset();
      }
    }
    return old;
  }

  bool IsToCompare(const v1::CopyEntry& entry, const struct stat& info) const {
    const struct timespec time = ToTimespec(entry.modified_at());
    return options_.compare ||
           (static_cast<uint64_t>(info.st_size) == entry.file().size() &&
            info.st_mtim.tv_sec == time.tv_sec &&
            info.st_mtim.tv_nsec == time.tv_nsec);
  }

  absl::Status PlanFile(int index, const OldEntry& old,
                        const std::string& shown) {
    const v1::CopyFile& file = manifest_.entries(index).file();
    const std::vector<std::string_view> digests = DigestsOf(file);
    EntryPlan& plan = plan_.entries[static_cast<size_t>(index)];
    std::vector<bool> in_old(digests.size());
    std::vector<bool> in_part(digests.size());
    if (old.file.valid()) {
      TUTTI_ASSIGN_OR_RETURN(in_old,
                             Matches(old.file.get(), file, digests, shown));
    }
    plan.same = old.file.valid() &&
                static_cast<uint64_t>(old.info.st_size) == file.size() &&
                std::find(in_old.begin(), in_old.end(), false) == in_old.end();
    if (plan.part.has_value() && !plan.same) {
      TUTTI_ASSIGN_OR_RETURN(in_part,
                             Matches(plan.part->fd(), file, digests, shown));
    }
    if (!plan.same) plan_.bytes += file.size();
    for (size_t i = 0; i < digests.size(); ++i) {
      PlanBlock(index, i, digests[i], in_part[i], in_old[i]);
    }
    return absl::OkStatus();
  }

  // Which of a file's blocks stand in `fd` where they belong.
  absl::StatusOr<std::vector<bool>> Matches(
      int fd, const v1::CopyFile& file,
      const std::vector<std::string_view>& digests, const std::string& shown) {
    std::vector<bool> matches(digests.size());
    const uint32_t block_bytes = manifest_.block_bytes();
    for (size_t i = 0; i < digests.size(); ++i) {
      const uint64_t offset = i * block_bytes;
      const uint32_t bytes = BytesOfBlock(file.size(), block_bytes, i);
      if (digests[i].empty() && IsHole(fd, offset, bytes)) {
        matches[i] = true;
        continue;
      }
      TUTTI_RETURN_IF_ERROR(ReadAt(fd, offset, bytes, shown, block_));
      if (block_.size() != bytes) continue;
      const bool zero = IsZero(block_);
      matches[i] =
          digests[i].empty() ? zero : !zero && Sha256(block_) == digests[i];
    }
    return matches;
  }

  void PlanBlock(int index, uint64_t block, std::string_view digest,
                 bool in_part, bool in_old) {
    EntryPlan& plan = plan_.entries[static_cast<size_t>(index)];
    BlockWay way =
        plan.part.has_value() && !in_part ? BlockWay::kZeros : BlockWay::kHole;
    if (!digest.empty()) {
      const uint32_t number = numbers_.NumberOf(digest);
      BlockPlace& place = plan_.places[number];
      const bool placed = place.entry >= 0;
      if (!placed) place = {index, block};
      way = in_part  ? BlockWay::kInPart
            : in_old ? BlockWay::kInOldFile
            : placed ? BlockWay::kPlaced
                     : BlockWay::kFed;
      if (way == BlockWay::kFed) {
        plan_.wanted.push_back(
            {number, BytesOfBlock(manifest_.entries(index).file().size(),
                                  manifest_.block_bytes(), block)});
      }
    }
    if (!plan.same) plan.blocks.push_back(way);
  }

  absl::Status AccountFor(int folder, const v1::CopyEntry& entry,
                          const OldEntry& old, const EntryPlan& plan) {
    uint64_t taken = entry.file().size();
    if (entry.file().sparse()) {
      taken = 0;
      for (size_t i = 0; i < plan.blocks.size(); ++i) {
        if (plan.blocks[i] == BlockWay::kHole) continue;
        taken += BytesOfBlock(entry.file().size(), manifest_.block_bytes(), i);
      }
    }
    struct stat part = {};
    if (plan.part.has_value() && fstat(plan.part->fd(), &part) == 0) {
      taken -= std::min(taken, AllocatedBytes(part));
    }
    // Of a file with another name the room stays taken.
    const bool goes = old.there && old.info.st_nlink == 1;
    return room_.Replace(folder, destination_.Shown(entry.path()), taken,
                         goes ? AllocatedBytes(old.info) : 0);
  }

  static uint64_t AllocatedBytes(const struct stat& info) {
    return static_cast<uint64_t>(info.st_blocks) * kStatBlockBytes;
  }

  absl::Status CheckWritable(int folder, std::string_view path) {
    if (!writable_.emplace(path).second) return absl::OkStatus();
    if (faccessat(folder, ".", W_OK | X_OK, AT_EACCESS) == 0) {
      return absl::OkStatus();
    }
    return SystemError(
        errno, fmt::format("write to {}", destination_.tree().Shown(path)));
  }

  const v1::CopyManifest& manifest_;
  const BlockNumbers& numbers_;
  const SurveyOptions& options_;
  Destination& destination_;
  CopyPlan plan_;
  DiskRoom room_;
  // Folders that are known to be.
  std::set<std::string, std::less<>> writable_;
  std::string block_;
};

}  // namespace

absl::StatusOr<CopyPlan> Survey(const v1::CopyManifest& manifest,
                                const BlockNumbers& numbers,
                                const SurveyOptions& options,
                                Destination& destination) {
  return Surveyor(manifest, numbers, options, destination).Run();
}

}  // namespace tutti::copy
