#include "copy/pack_reader.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/identity/sha256.h"
#include "copy/block.h"
#include "copy/manifest.h"
#include "copy/pack_format.h"

namespace tutti::copy {
namespace {

// An index names each block once, and a manifest that names them is limited.
constexpr uint64_t kMaxIndexBytes = kMaxManifestBytes;

}  // namespace

absl::StatusOr<PackReader> PackReader::Open(FileDescriptor file,
                                            std::string name) {
  PackReader reader(std::move(file), std::move(name));
  TUTTI_RETURN_IF_ERROR(reader.ReadTrailer());
  return reader;
}

absl::Status PackReader::ReadTrailer() {
  struct stat info = {};
  if (fstat(file_.get(), &info) != 0) {
    return SystemError(errno, fmt::format("look at {}", name_));
  }
  const uint64_t size = static_cast<uint64_t>(info.st_size);
  PackTrailer trailer;
  if (!S_ISREG(info.st_mode) || size < kPackHeader.size() + sizeof trailer) {
    return Damaged("it is too short");
  }
  TUTTI_ASSIGN_OR_RETURN(const std::string header,
                         ReadExactly(0, kPackHeader.size()));
  if (header != kPackHeader) return Damaged("it begins with something else");
  const uint64_t end = size - sizeof trailer;
  TUTTI_ASSIGN_OR_RETURN(const std::string bytes,
                         ReadExactly(end, sizeof trailer));
  std::memcpy(&trailer, bytes.data(), sizeof trailer);
  if (std::string_view(trailer.mark, sizeof trailer.mark) != kPackMark) {
    return Damaged("its end is missing");
  }
  manifest_offset_ = trailer.manifest_offset;
  manifest_bytes_ = trailer.manifest_bytes;
  manifest_digest_.assign(
      reinterpret_cast<const char*>(trailer.manifest_digest),
      sizeof trailer.manifest_digest);
  if (manifest_bytes_ > kMaxManifestBytes ||
      trailer.index_bytes > kMaxIndexBytes ||
      manifest_offset_ < kPackHeader.size() || manifest_offset_ > end ||
      manifest_bytes_ + trailer.index_bytes != end - manifest_offset_) {
    return Damaged("its end does not fit its size");
  }
  return ReadIndex(trailer.index_bytes);
}

absl::Status PackReader::ReadIndex(uint64_t bytes) {
  TUTTI_ASSIGN_OR_RETURN(
      const std::string content,
      ReadExactly(manifest_offset_ + manifest_bytes_, bytes));
  if (!index_.ParseFromString(content)) return Damaged("its index is none");
  for (const v1::PackedBlock& block : index_.blocks()) {
    if (block.offset() < kPackHeader.size() ||
        block.offset() > manifest_offset_ ||
        block.length() > manifest_offset_ - block.offset() ||
        block.length() <= kBlockHeaderBytes ||
        block.length() > kBlockBytes + kBlockHeaderBytes) {
      return Damaged("its index leads out of it");
    }
    packed_bytes_ += block.length();
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> PackReader::Manifest() const {
  TUTTI_ASSIGN_OR_RETURN(std::string manifest,
                         ReadExactly(manifest_offset_, manifest_bytes_));
  if (Sha256(manifest) != manifest_digest_) {
    return Damaged("its manifest does not match its digest");
  }
  return manifest;
}

absl::StatusOr<std::string> PackReader::Block(uint32_t number) const {
  if (number >= block_count()) {
    return MakeError(absl::StatusCode::kOutOfRange,
                     "block {} was asked for of {} in {}", number,
                     block_count(), name_);
  }
  const v1::PackedBlock& block = index_.blocks(static_cast<int>(number));
  return ReadExactly(block.offset(), block.length());
}

absl::StatusOr<std::string> PackReader::ReadExactly(uint64_t offset,
                                                    uint64_t bytes) const {
  std::string content;
  TUTTI_RETURN_IF_ERROR(ReadAt(file_.get(), offset,
                               static_cast<uint32_t>(bytes), name_, content));
  if (content.size() != bytes) return Damaged("it is too short");
  return content;
}

absl::Status PackReader::Damaged(std::string_view how) const {
  return DataLoss("{} is no whole pack of files: {}; pack them again", name_,
                  how);
}

}  // namespace tutti::copy
