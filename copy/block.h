// Blocks of files: read, packed for the way, and unpacked.
#ifndef COPY_BLOCK_H_
#define COPY_BLOCK_H_

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace tutti::copy {

// A packed block is its codec and at most its plain bytes.
inline constexpr uint32_t kBlockHeaderBytes = 1;

// Packs blocks, one after the other. Not thread-safe.
class BlockPacker {
 public:
  BlockPacker();
  ~BlockPacker();
  // Compressed by zstd where that saves at least a sixteenth, otherwise as it
  // is: never more than kBlockHeaderBytes longer than `plain`, which must not
  // be empty. The view is good until the next call.
  std::string_view Pack(std::string_view plain);

 private:
  const std::unique_ptr<ZSTD_CCtx_s, size_t (*)(ZSTD_CCtx_s*)> context_;
  std::string packed_;
};

// Unpacks blocks, one after the other. Not thread-safe.
class BlockUnpacker {
 public:
  BlockUnpacker();
  ~BlockUnpacker();
  // DATA_LOSS when `packed` is no packed block of exactly `plain_bytes`. The
  // view is good until the next call or the end of `packed`.
  absl::StatusOr<std::string_view> Unpack(std::string_view packed,
                                          uint32_t plain_bytes);

 private:
  const std::unique_ptr<ZSTD_DCtx_s, size_t (*)(ZSTD_DCtx_s*)> context_;
  std::string plain_;
};

// Whether all bytes are zeros.
bool IsZero(std::string_view bytes);

// Whether the file system says that these bytes are a hole; false where it
// does not know of holes.
bool IsHole(int fd, uint64_t offset, uint64_t length);
// Whether a file of `size` bytes has a hole.
bool HasHoles(int fd, uint64_t size);

// Reads `bytes` at `offset` into `buffer`, which takes that length; shorter
// where the file ends. `path` is for the error.
absl::Status ReadAt(int fd, uint64_t offset, uint32_t bytes,
                    const std::string& path, std::string& buffer);

}  // namespace tutti::copy

#endif  // COPY_BLOCK_H_
