#include "copy/pack_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "common/identity/sha256.h"
#include "copy/block.h"
#include "copy/pack_format.h"

namespace tutti::copy {
namespace {

bool SameTime(const struct timespec& a, const struct timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

class PackWriter final : public SourceVisitor {
 public:
  PackWriter(const PackOptions& options, FileDescriptor file)
      : options_(options),
        path_(fmt::format("a pack in {}", options.temporary_directory)),
        file_(std::move(file)) {
    manifest_.set_block_bytes(options.block_bytes);
  }

  absl::Status Begin() { return Append(kPackHeader); }

  absl::Status OnItem(SourceItem& item) override {
    if (manifest_.entries_size() >= kMaxEntries) {
      return InvalidArgument(
          "there are more than {} files and folders up to {}; copy an archive "
          "of them",
          kMaxEntries, item.shown_path);
    }
    v1::CopyEntry& entry = *manifest_.add_entries();
    entry = std::move(item.entry);
    if (!entry.has_file()) return absl::OkStatus();
    return AddFile(item, *entry.mutable_file());
  }

  absl::Status OnProblem(const std::string&,
                         const absl::Status& problem) override {
    return problem;
  }

  absl::StatusOr<WrittenPack> Finish() {
    std::sort(manifest_.mutable_entries()->pointer_begin(),
              manifest_.mutable_entries()->pointer_end(),
              [](const v1::CopyEntry* a, const v1::CopyEntry* b) {
                return a->path() < b->path();
              });
    TUTTI_RETURN_IF_ERROR(CheckManifest(manifest_));
    TUTTI_ASSIGN_OR_RETURN(const std::string manifest,
                           SerializeManifest(manifest_));
    const std::string index = MakeIndex();
    WrittenPack pack;
    pack.manifest_digest = Sha256(manifest);
    PackTrailer trailer = {};
    trailer.manifest_offset = end_;
    trailer.manifest_bytes = manifest.size();
    trailer.index_bytes = index.size();
    std::memcpy(trailer.manifest_digest, pack.manifest_digest.data(),
                sizeof trailer.manifest_digest);
    std::memcpy(trailer.mark, kPackMark.data(), sizeof trailer.mark);
    for (const std::string_view part :
         {std::string_view(manifest), std::string_view(index),
          std::string_view(reinterpret_cast<const char*>(&trailer),
                           sizeof trailer)}) {
      TUTTI_RETURN_IF_ERROR(Append(part));
    }
    pack.file = std::move(file_);
    pack.file_bytes = end_;
    pack.totals = TotalsOf(manifest_);
    pack.packed_bytes = packed_bytes_;
    return pack;
  }

 private:
  absl::Status AddFile(const SourceItem& item, v1::CopyFile& file) {
    const int fd = item.file.get();
    struct stat before = {};
    if (fstat(fd, &before) != 0) {
      return SystemError(errno, fmt::format("look at {}", item.shown_path));
    }
    const uint64_t size = static_cast<uint64_t>(before.st_size);
    if (size > kMaxTotalBytes - bytes_) {
      return InvalidArgument("{} makes it more than a copy takes ({})",
                             item.shown_path, FormatSize(kMaxTotalBytes));
    }
    bytes_ += size;
    file.set_size(size);
    file.set_sparse(HasHoles(fd, size));
    const uint64_t count = BlockCount(size, options_.block_bytes);
    for (uint64_t i = 0; i < count; ++i) {
      TUTTI_RETURN_IF_ERROR(AddBlock(item, i, file));
    }
    return CheckUnchanged(item, before);
  }

  absl::Status AddBlock(const SourceItem& item, uint64_t index,
                        v1::CopyFile& file) {
    const uint64_t offset = index * options_.block_bytes;
    const uint32_t bytes =
        BytesOfBlock(file.size(), options_.block_bytes, index);
    std::string digest;
    if (!file.sparse() || !IsHole(item.file.get(), offset, bytes)) {
      TUTTI_RETURN_IF_ERROR(
          ReadAt(item.file.get(), offset, bytes, item.shown_path, block_));
      if (block_.size() != bytes) return Changed(item);
      TUTTI_ASSIGN_OR_RETURN(digest, StoreBlock());
    }
    AppendBlock(digest, file);
    read_ += bytes;
    if (options_.on_progress) options_.on_progress(read_);
    return absl::OkStatus();
  }

  // The digest of block_, which is in the pack then; empty for zeros.
  absl::StatusOr<std::string> StoreBlock() {
    if (IsZero(block_)) return std::string();
    std::string digest = Sha256(block_);
    const auto [place, is_new] = places_.try_emplace(digest);
    if (!is_new) return digest;
    const std::string_view packed = packer_.Pack(block_);
    const uint32_t length = static_cast<uint32_t>(packed.size());
    TUTTI_RETURN_IF_ERROR(
        Append({reinterpret_cast<const char*>(&length), sizeof length}));
    place->second.set_offset(end_);
    place->second.set_length(length);
    packed_bytes_ += length;
    TUTTI_RETURN_IF_ERROR(Append(packed));
    return digest;
  }

  static absl::Status Changed(const SourceItem& item) {
    return FailedPrecondition(
        "{} changed while it was read; copy it again when nothing writes to it",
        item.shown_path);
  }

  static absl::Status CheckUnchanged(const SourceItem& item,
                                     const struct stat& before) {
    struct stat after = {};
    if (fstat(item.file.get(), &after) != 0) {
      return SystemError(errno, fmt::format("look at {}", item.shown_path));
    }
    const bool same = after.st_size == before.st_size &&
                      SameTime(after.st_mtim, before.st_mtim);
    return same ? absl::OkStatus() : Changed(item);
  }

  // In the order of the manifest's numbers, which is another one than that in
  // which the blocks were read.
  std::string MakeIndex() const {
    const BlockNumbers numbers(manifest_);
    v1::PackIndex index;
    for (uint32_t number = 0; number < numbers.size(); ++number) {
      *index.add_blocks() = places_.at(std::string(numbers.DigestOf(number)));
    }
    return index.SerializeAsString();
  }

  absl::Status Append(std::string_view bytes) {
    TUTTI_RETURN_IF_ERROR(WriteAt(file_.get(), end_, bytes, path_));
    end_ += bytes.size();
    return absl::OkStatus();
  }

  const PackOptions& options_;
  const std::string path_;
  FileDescriptor file_;
  uint64_t end_ = 0;
  v1::CopyManifest manifest_;
  // By digest.
  absl::flat_hash_map<std::string, v1::PackedBlock> places_;
  BlockPacker packer_;
  std::string block_;
  uint64_t bytes_ = 0;
  uint64_t read_ = 0;
  uint64_t packed_bytes_ = 0;
};

// In no folder from the beginning; where the file system can not do that, it
// has a name for a moment.
absl::StatusOr<FileDescriptor> MakeUnlinkedFile(const std::string& folder) {
  FileDescriptor file(
      open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (file.valid()) return file;
  std::string path = folder + "/tutti-pack.XXXXXX";
  file.Reset(mkostemp(path.data(), O_CLOEXEC));
  if (!file.valid() || unlink(path.c_str()) != 0) {
    return SystemError(errno, fmt::format("make a pack in {}", folder));
  }
  return file;
}

}  // namespace

absl::StatusOr<WrittenPack> WritePack(const std::vector<std::string>& sources,
                                      const PackOptions& options) {
  TUTTI_ASSIGN_OR_RETURN(FileDescriptor file,
                         MakeUnlinkedFile(options.temporary_directory));
  PackWriter writer(options, std::move(file));
  TUTTI_RETURN_IF_ERROR(writer.Begin());
  TUTTI_RETURN_IF_ERROR(WalkSources(sources, options.source, writer));
  return writer.Finish();
}

}  // namespace tutti::copy
