#include "copy/block.h"

#include <unistd.h>
#include <zstd.h>

#include <cerrno>
#include <cstring>

#include "common/base/errors.h"
#include "tutti/v1/copy.pb.h"

namespace tutti::copy {
namespace {

constexpr int kLevel = 3;
constexpr size_t kLeastSaving = 16;  // a sixteenth

char CodecByte(v1::BlockCodec codec) { return static_cast<char>(codec); }

}  // namespace

BlockPacker::BlockPacker() : context_(ZSTD_createCCtx(), ZSTD_freeCCtx) {}
BlockPacker::~BlockPacker() = default;

std::string_view BlockPacker::Pack(std::string_view plain) {
  // No room for more than what is worth it: then zstd fails, and early.
  const size_t most = plain.size() - plain.size() / kLeastSaving;
  packed_.resize(kBlockHeaderBytes + most);
  packed_[0] = CodecByte(v1::BLOCK_CODEC_ZSTD);
  const size_t length =
      ZSTD_compressCCtx(context_.get(), packed_.data() + kBlockHeaderBytes,
                        most, plain.data(), plain.size(), kLevel);
  if (ZSTD_isError(length) == 0 && length < plain.size()) {
    return std::string_view(packed_).substr(0, kBlockHeaderBytes + length);
  }
  packed_.assign(1, CodecByte(v1::BLOCK_CODEC_PLAIN));
  packed_.append(plain);
  return packed_;
}

BlockUnpacker::BlockUnpacker() : context_(ZSTD_createDCtx(), ZSTD_freeDCtx) {}
BlockUnpacker::~BlockUnpacker() = default;

absl::StatusOr<std::string_view> BlockUnpacker::Unpack(std::string_view packed,
                                                       uint32_t plain_bytes) {
  const absl::Status wrong =
      DataLoss("a block is damaged: {} bytes came that are not {} packed ones",
               packed.size(), plain_bytes);
  if (packed.size() <= kBlockHeaderBytes) return wrong;
  const std::string_view content = packed.substr(kBlockHeaderBytes);
  if (packed[0] == CodecByte(v1::BLOCK_CODEC_PLAIN)) {
    if (content.size() != plain_bytes) return wrong;
    return content;
  }
  if (packed[0] != CodecByte(v1::BLOCK_CODEC_ZSTD)) return wrong;
  plain_.resize(plain_bytes);
  const size_t length =
      ZSTD_decompressDCtx(context_.get(), plain_.data(), plain_.size(),
                          content.data(), content.size());
  if (ZSTD_isError(length) != 0 || length != plain_bytes) return wrong;
  return plain_;
}

bool IsZero(std::string_view bytes) {
  return bytes.empty() ||
         (bytes[0] == 0 &&
          std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

bool IsHole(int fd, uint64_t offset, uint64_t length) {
  const off_t data = lseek(fd, static_cast<off_t>(offset), SEEK_DATA);
  // ENXIO: nothing but a hole up to the end.
  return data < 0 ? errno == ENXIO
                  : static_cast<uint64_t>(data) >= offset + length;
}

bool HasHoles(int fd, uint64_t size) {
  const off_t hole = lseek(fd, 0, SEEK_HOLE);
  return hole >= 0 && static_cast<uint64_t>(hole) < size;
}

absl::Status ReadAt(int fd, uint64_t offset, uint32_t bytes,
                    const std::string& path, std::string& buffer) {
  buffer.resize(bytes);
  size_t length = 0;
  while (length < bytes) {
    const ssize_t n = pread(fd, buffer.data() + length, bytes - length,
                            static_cast<off_t>(offset + length));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SystemError(errno, fmt::format("read {}", path));
    if (n == 0) break;
    length += static_cast<size_t>(n);
  }
  buffer.resize(length);
  return absl::OkStatus();
}

}  // namespace tutti::copy
