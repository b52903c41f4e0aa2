// Manifests: what a copy puts in place. docs/copy-format.md is their page.
#ifndef COPY_MANIFEST_H_
#define COPY_MANIFEST_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tutti/v1/copy.pb.h"

namespace tutti::copy {

inline constexpr uint32_t kBlockBytes = 1 << 20;
inline constexpr uint32_t kMinBlockBytes = 4 << 10;
inline constexpr size_t kDigestBytes = 32;
inline constexpr uint64_t kMaxManifestBytes = 64 << 20;
inline constexpr int kMaxEntries = 500'000;
// Plain bytes of all files together, holes included.
inline constexpr uint64_t kMaxTotalBytes = 4ull << 40;
// Of all files together, holes included: what is kept of each is small, and
// there it adds up.
inline constexpr uint64_t kMaxBlocks = 4 << 20;
inline constexpr size_t kMaxNameBytes = 255;
inline constexpr size_t kMaxPathBytes = 4095;

// Whether a path may stand in an entry: relative, no way out, no NUL.
absl::Status CheckPath(std::string_view path);
// Everything that an entry says but its blocks.
absl::Status CheckEntry(const v1::CopyEntry& entry);
// Every rule of copy.proto, and the limits above.
absl::Status CheckManifest(const v1::CopyManifest& manifest);

// Parses and checks.
absl::StatusOr<v1::CopyManifest> ReadManifest(std::string_view bytes);
// RESOURCE_EXHAUSTED when it would be larger than a manifest may be.
absl::StatusOr<std::string> SerializeManifest(const v1::CopyManifest& manifest);

// Of a path: its first component, what is before the last '/', what is behind.
std::string_view TopOf(std::string_view path);
std::string_view ParentOf(std::string_view path);
std::string_view NameOf(std::string_view path);

// How many blocks a file of `size` bytes has, and how many bytes the block
// `index` of them.
uint64_t BlockCount(uint64_t size, uint32_t block_bytes);
uint32_t BytesOfBlock(uint64_t size, uint32_t block_bytes, uint64_t index);

// The digest of each block of a file, empty for a hole. Views into `file`.
std::vector<std::string_view> DigestsOf(const v1::CopyFile& file);

// Adds a block to a file's runs; an empty digest is a hole.
void AppendBlock(std::string_view digest, v1::CopyFile& file);

// The numbers of a manifest's blocks: each digest gets the next one where it
// is named first. Views into the manifest, which must outlive it.
class BlockNumbers {
 public:
  explicit BlockNumbers(const v1::CopyManifest& manifest);

  uint32_t size() const { return static_cast<uint32_t>(digests_.size()); }
  // `digest` must stand in the manifest.
  uint32_t NumberOf(std::string_view digest) const {
    return numbers_.at(digest);
  }
  std::string_view DigestOf(uint32_t number) const { return digests_[number]; }

 private:
  absl::flat_hash_map<std::string_view, uint32_t> numbers_;
  std::vector<std::string_view> digests_;
};

// What a manifest is about, for people.
struct ManifestTotals {
  uint64_t files = 0;
  uint64_t directories = 0;
  uint64_t symlinks = 0;
  // Plain bytes of the files.
  uint64_t bytes = 0;
};
ManifestTotals TotalsOf(const v1::CopyManifest& manifest);

}  // namespace tutti::copy

#endif  // COPY_MANIFEST_H_
