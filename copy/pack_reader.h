// A pack that is there: its manifest, and its blocks one by one.
#ifndef COPY_PACK_READER_H_
#define COPY_PACK_READER_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "common/base/file_descriptor.h"
#include "tutti/v1/copy.pb.h"

namespace tutti::copy {

// Holds the index in memory (some ten bytes a block), nothing else. It checks
// that what it gives is in the file and what its trailer says; whether blocks
// are what the manifest says is for whoever puts them in place. Thread-safe:
// every read names its position.
class PackReader {
 public:
  // `name` is for errors. DATA_LOSS when it is no whole pack.
  static absl::StatusOr<PackReader> Open(FileDescriptor file, std::string name);

  // SHA-256 of the manifest, 32 bytes: what a signed spec names.
  const std::string& manifest_digest() const { return manifest_digest_; }
  uint64_t manifest_bytes() const { return manifest_bytes_; }
  // Read from the file; it matches its digest.
  absl::StatusOr<std::string> Manifest() const;

  uint32_t block_count() const {
    return static_cast<uint32_t>(index_.blocks_size());
  }
  // The bytes of all packed blocks.
  uint64_t packed_bytes() const { return packed_bytes_; }
  // Of a packed block; `number` is less than block_count().
  uint32_t BlockBytes(uint32_t number) const {
    return index_.blocks(static_cast<int>(number)).length();
  }
  // A packed block, as BlockUnpacker takes it. OUT_OF_RANGE when there is no
  // such number.
  absl::StatusOr<std::string> Block(uint32_t number) const;

 private:
  PackReader(FileDescriptor file, std::string name)
      : file_(std::move(file)), name_(std::move(name)) {}
  absl::Status ReadTrailer();
  absl::Status ReadIndex(uint64_t bytes);
  absl::StatusOr<std::string> ReadExactly(uint64_t offset,
                                          uint64_t bytes) const;
  absl::Status Damaged(std::string_view how) const;

  FileDescriptor file_;
  std::string name_;
  uint64_t manifest_offset_ = 0;
  uint64_t manifest_bytes_ = 0;
  std::string manifest_digest_;
  v1::PackIndex index_;
  uint64_t packed_bytes_ = 0;
};

}  // namespace tutti::copy

#endif  // COPY_PACK_READER_H_
