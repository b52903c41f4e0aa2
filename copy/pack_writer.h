// Makes a pack of files: manifest and packed blocks in one pass.
#ifndef COPY_PACK_WRITER_H_
#define COPY_PACK_WRITER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/file_descriptor.h"
#include "copy/manifest.h"
#include "copy/source_walk.h"

namespace tutti::copy {

struct PackOptions {
  SourceOptions source;
  uint32_t block_bytes = kBlockBytes;
  // Where the pack is written, unlinked; it needs room for the packed files.
  std::string temporary_directory = "/tmp";
  // Called now and then with how many plain bytes were read so far.
  std::function<void(uint64_t bytes)> on_progress;
};

struct WrittenPack {
  // Open for reading and writing, and in no folder: it is gone once it is
  // closed. docs/copy-format.md has its format; PackReader reads it.
  FileDescriptor file;
  uint64_t file_bytes = 0;
  // SHA-256 of the serialised manifest, for the spec.
  std::string manifest_digest;
  ManifestTotals totals;
  // Of the distinct blocks, packed.
  uint64_t packed_bytes = 0;
};

// Reads every file once, in blocks, and holds one block and the manifest in
// memory. The first thing that can not be packed ends it with an error that
// names it, a file that changes while it is read (FAILED_PRECONDITION) among
// them.
absl::StatusOr<WrittenPack> WritePack(const std::vector<std::string>& sources,
                                      const PackOptions& options);

}  // namespace tutti::copy

#endif  // COPY_PACK_WRITER_H_
