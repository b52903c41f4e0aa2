// The file of a pack. docs/copy-format.md is its page.
//
//   header  16 bytes, format and version
//   blocks  each: length:u32, then so many bytes: codec:u8 and the content
//   the serialised manifest
//   the serialised PackIndex
//   trailer PackTrailer
#ifndef COPY_PACK_FORMAT_H_
#define COPY_PACK_FORMAT_H_

#include <bit>
#include <cstdint>
#include <string_view>

namespace tutti::copy {

static_assert(std::endian::native == std::endian::little,
              "packs are little-endian, and so must the host be");

inline constexpr std::string_view kPackHeader("tutti pack\0\0\1\0\0\0", 16);

// As it stands at the end of the file.
struct PackTrailer {
  // The index begins where the manifest ends, and ends at the trailer.
  uint64_t manifest_offset;
  uint64_t manifest_bytes;
  uint64_t index_bytes;
  uint8_t manifest_digest[32];  // SHA-256
  char mark[8];                 // kPackMark
};
static_assert(sizeof(PackTrailer) == 64);

inline constexpr std::string_view kPackMark = "packend\n";

}  // namespace tutti::copy

#endif  // COPY_PACK_FORMAT_H_
