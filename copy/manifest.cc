#include "copy/manifest.h"

#include <algorithm>
#include <bit>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/escaping.h"
#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace tutti::copy {
namespace {

constexpr uint32_t kModeBits = 07777;
// What Timestamp allows: the years 1 to 9999.
constexpr int64_t kFirstSecond = -62'135'596'800;
constexpr int64_t kLastSecond = 253'402'300'799;

// For messages: a path may hold any bytes.
std::string Shown(std::string_view path) {
  return absl::CHexEscape({path.data(), std::min(path.size(), size_t{200})});
}

absl::Status CheckName(std::string_view name, std::string_view path) {
  if (name.empty() || name == "." || name == "..") {
    return InvalidArgument(
        "the path '{}' has an empty component, '.' or '..'; a path in a copy "
        "only leads down",
        Shown(path));
  }
  if (name.size() > kMaxNameBytes) {
    return InvalidArgument("the path '{}' has a name of more than {} bytes",
                           Shown(path), kMaxNameBytes);
  }
  return absl::OkStatus();
}

absl::Status CheckTime(const v1::CopyEntry& entry) {
  const google::protobuf::Timestamp& time = entry.modified_at();
  if (time.seconds() < kFirstSecond || time.seconds() > kLastSecond ||
      time.nanos() < 0 || time.nanos() > 999'999'999) {
    return InvalidArgument("'{}' has a time that is none", Shown(entry.path()));
  }
  return absl::OkStatus();
}

absl::Status CheckTarget(const v1::CopyEntry& entry) {
  const std::string& target = entry.symlink().target();
  if (target.empty() || target.size() > kMaxPathBytes ||
      target.find('\0') != target.npos) {
    return InvalidArgument(
        "the symbolic link '{}' points to nothing that can be; a target has "
        "1 to {} bytes and no NUL",
        Shown(entry.path()), kMaxPathBytes);
  }
  return absl::OkStatus();
}

absl::Status CheckRun(const v1::BlockRun& run, const v1::CopyEntry& entry) {
  const bool digests = run.run_case() == v1::BlockRun::kDigests &&
                       !run.digests().empty() &&
                       run.digests().size() % kDigestBytes == 0;
  const bool hole =
      run.run_case() == v1::BlockRun::kHoleBlocks && run.hole_blocks() > 0;
  if (digests || hole) return absl::OkStatus();
  return InvalidArgument("'{}' has a run of blocks that is none",
                         Shown(entry.path()));
}

absl::Status CheckBlocks(const v1::CopyEntry& entry, uint32_t block_bytes) {
  const uint64_t expected = BlockCount(entry.file().size(), block_bytes);
  uint64_t left = expected;
  for (const v1::BlockRun& run : entry.file().blocks()) {
    TUTTI_RETURN_IF_ERROR(CheckRun(run, entry));
    const uint64_t count = run.run_case() == v1::BlockRun::kDigests
                               ? run.digests().size() / kDigestBytes
                               : run.hole_blocks();
    if (count > left) {
      return InvalidArgument("'{}' has more blocks than its {} bytes need",
                             Shown(entry.path()), entry.file().size());
    }
    left -= count;
  }
  if (left == 0) return absl::OkStatus();
  return InvalidArgument("'{}' has fewer blocks than its {} bytes need",
                         Shown(entry.path()), entry.file().size());
}

// Sorted and unique, and below a folder that is there.
absl::Status CheckOrder(const v1::CopyManifest& manifest) {
  absl::flat_hash_set<std::string_view> folders;
  std::string_view previous;
  for (const v1::CopyEntry& entry : manifest.entries()) {
    const std::string_view path = entry.path();
    if (!(previous < path)) {
      return InvalidArgument("'{}' is not in its place; entries are sorted",
                             Shown(path));
    }
    previous = path;
    const std::string_view parent = ParentOf(path);
    if (!parent.empty() && !folders.contains(parent)) {
      return InvalidArgument("'{}' is in a folder that is no entry",
                             Shown(path));
    }
    if (entry.has_directory()) folders.insert(path);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckPath(std::string_view path) {
  if (path.size() > kMaxPathBytes || path.find('\0') != path.npos) {
    return InvalidArgument("the path '{}' has a NUL or more than {} bytes",
                           Shown(path), kMaxPathBytes);
  }
  for (std::string_view rest = path;;) {
    const size_t slash = rest.find('/');
    TUTTI_RETURN_IF_ERROR(CheckName(rest.substr(0, slash), path));
    if (slash == rest.npos) return absl::OkStatus();
    rest.remove_prefix(slash + 1);
  }
}

absl::Status CheckEntry(const v1::CopyEntry& entry) {
  TUTTI_RETURN_IF_ERROR(CheckPath(entry.path()));
  if ((entry.mode() & ~kModeBits) != 0) {
    return InvalidArgument("'{}' has a mode that is none", Shown(entry.path()));
  }
  TUTTI_RETURN_IF_ERROR(CheckTime(entry));
  switch (entry.content_case()) {
    case v1::CopyEntry::kFile:
    case v1::CopyEntry::kDirectory:
      return absl::OkStatus();
    case v1::CopyEntry::kSymlink:
      return CheckTarget(entry);
    case v1::CopyEntry::CONTENT_NOT_SET:
      break;
  }
  return InvalidArgument(
      "'{}' is neither file nor folder nor link; is this program older than "
      "the one that packed it?",
      Shown(entry.path()));
}

absl::Status CheckManifest(const v1::CopyManifest& manifest) {
  const uint32_t block_bytes = manifest.block_bytes();
  if (!std::has_single_bit(block_bytes) || block_bytes < kMinBlockBytes ||
      block_bytes > kBlockBytes) {
    return InvalidArgument(
        "blocks of {} bytes are none; {} to {}, a power of "
        "two",
        block_bytes, kMinBlockBytes, kBlockBytes);
  }
  if (manifest.entries().empty()) {
    return InvalidArgument("there is nothing to copy in this manifest");
  }
  if (manifest.entries_size() > kMaxEntries) {
    return InvalidArgument(
        "{} files and folders are more than a copy takes ({}); copy an "
        "archive of them",
        manifest.entries_size(), kMaxEntries);
  }
  uint64_t bytes = 0;
  uint64_t blocks = 0;
  for (const v1::CopyEntry& entry : manifest.entries()) {
    TUTTI_RETURN_IF_ERROR(CheckEntry(entry));
    if (!entry.has_file()) continue;
    if (entry.file().size() > kMaxTotalBytes - bytes) {
      return InvalidArgument("'{}' makes it more than a copy takes ({})",
                             Shown(entry.path()), FormatSize(kMaxTotalBytes));
    }
    bytes += entry.file().size();
    blocks += BlockCount(entry.file().size(), block_bytes);
    if (blocks > kMaxBlocks) {
      return InvalidArgument(
          "'{}' makes it more than {} blocks of {} bytes; use larger blocks, "
          "or "
          "copy less at once",
          Shown(entry.path()), kMaxBlocks, block_bytes);
    }
    TUTTI_RETURN_IF_ERROR(CheckBlocks(entry, block_bytes));
  }
  return CheckOrder(manifest);
}

absl::StatusOr<v1::CopyManifest> ReadManifest(std::string_view bytes) {
  v1::CopyManifest manifest;
  if (bytes.size() > kMaxManifestBytes ||
      !manifest.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return InvalidArgument("this is no manifest of a copy");
  }
  TUTTI_RETURN_IF_ERROR(CheckManifest(manifest));
  return manifest;
}

absl::StatusOr<std::string> SerializeManifest(
    const v1::CopyManifest& manifest) {
  if (manifest.ByteSizeLong() > kMaxManifestBytes) {
    return ResourceExhausted(
        "the list of {} files and folders, with the digests of their blocks, "
        "is larger than {}; copy less at once",
        manifest.entries_size(), FormatSize(kMaxManifestBytes));
  }
  return manifest.SerializeAsString();
}

std::string_view TopOf(std::string_view path) {
  return path.substr(0, path.find('/'));
}

std::string_view ParentOf(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == path.npos ? std::string_view() : path.substr(0, slash);
}

std::string_view NameOf(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

uint64_t BlockCount(uint64_t size, uint32_t block_bytes) {
  return size / block_bytes + (size % block_bytes == 0 ? 0 : 1);
}

uint32_t BytesOfBlock(uint64_t size, uint32_t block_bytes, uint64_t index) {
  return static_cast<uint32_t>(
      std::min<uint64_t>(block_bytes, size - index * block_bytes));
}

std::vector<std::string_view> DigestsOf(const v1::CopyFile& file) {
  std::vector<std::string_view> digests;
  for (const v1::BlockRun& run : file.blocks()) {
    if (run.run_case() == v1::BlockRun::kHoleBlocks) {
      digests.resize(digests.size() + run.hole_blocks());
      continue;
    }
    const std::string_view bytes = run.digests();
    for (size_t at = 0; at < bytes.size(); at += kDigestBytes) {
      digests.push_back(bytes.substr(at, kDigestBytes));
    }
  }
  return digests;
}

void AppendBlock(std::string_view digest, v1::CopyFile& file) {
  const v1::BlockRun* last =
      file.blocks().empty() ? nullptr : &*file.blocks().rbegin();
  const bool hole = digest.empty();
  if (last == nullptr ||
      (last->run_case() == v1::BlockRun::kHoleBlocks) != hole) {
    file.add_blocks();
  }
  v1::BlockRun& run = *file.mutable_blocks()->rbegin();
  if (hole) {
    run.set_hole_blocks(run.hole_blocks() + 1);
  } else {
    run.mutable_digests()->append(digest);
  }
}

BlockNumbers::BlockNumbers(const v1::CopyManifest& manifest) {
  for (const v1::CopyEntry& entry : manifest.entries()) {
    for (const std::string_view digest : DigestsOf(entry.file())) {
      if (digest.empty()) continue;
      if (numbers_.try_emplace(digest, size()).second) {
        digests_.push_back(digest);
      }
    }
  }
}

ManifestTotals TotalsOf(const v1::CopyManifest& manifest) {
  ManifestTotals totals;
  for (const v1::CopyEntry& entry : manifest.entries()) {
    totals.files += entry.has_file() ? 1 : 0;
    totals.directories += entry.has_directory() ? 1 : 0;
    totals.symlinks += entry.has_symlink() ? 1 : 0;
    totals.bytes += entry.file().size();
  }
  return totals;
}

}  // namespace tutti::copy
