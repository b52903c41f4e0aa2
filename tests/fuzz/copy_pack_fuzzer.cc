// Manifests and packs: a controller opens what a CLI sent, a target reads what
// a controller sent.
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/file_descriptor.h"
#include "common/identity/sha256.h"
#include "copy/block.h"
#include "copy/manifest.h"
#include "copy/pack_format.h"
#include "copy/pack_reader.h"
#include "tests/fuzz/expectation.h"

namespace tutti::testing {
namespace {

void TryManifest(std::string_view bytes) {
  const absl::StatusOr<v1::CopyManifest> manifest = copy::ReadManifest(bytes);
  if (!manifest.ok()) return;
  std::string_view previous;
  for (const v1::CopyEntry& entry : manifest->entries()) {
    Expect(previous < std::string_view(entry.path()), "paths are sorted");
    Expect(entry.path()[0] != '/' && copy::CheckPath(entry.path()).ok(),
           "paths lead down");
    previous = entry.path();
    if (!entry.has_file()) continue;
    Expect(copy::DigestsOf(entry.file()).size() ==
               copy::BlockCount(entry.file().size(), manifest->block_bytes()),
           "a file has the blocks of its size");
  }
  const copy::BlockNumbers numbers(*manifest);
  for (uint32_t i = 0; i < numbers.size(); ++i) {
    Expect(numbers.NumberOf(numbers.DigestOf(i)) == i, "numbers are unique");
  }
}

FileDescriptor MakeFile(std::string_view content) {
  FileDescriptor fd(memfd_create("pack", MFD_CLOEXEC));
  Expect(write(fd.get(), content.data(), content.size()) ==
             static_cast<ssize_t>(content.size()),
         "the memory file takes the bytes");
  return fd;
}

void TryPack(std::string_view content) {
  const absl::StatusOr<copy::PackReader> pack =
      copy::PackReader::Open(MakeFile(content), "a pack");
  if (!pack.ok()) return;
  const absl::StatusOr<std::string> manifest = pack->Manifest();
  if (manifest.ok()) {
    Expect(Sha256(*manifest) == pack->manifest_digest(),
           "the manifest is the one that is named");
  }
  copy::BlockUnpacker unpacker;
  for (uint32_t i = 0; i < pack->block_count(); ++i) {
    const absl::StatusOr<std::string> block = pack->Block(i);
    Expect(block.ok() && !block->empty() && block->size() < content.size(),
           "what the index names is in the file");
    const auto plain = unpacker.Unpack(*block, 4096);
    Expect(!plain.ok() || plain->size() == 4096, "a block has its length");
  }
}

// A pack whose trailer is right, with an index from `input`, which mutation
// would hardly ever find.
std::string MakePack(std::string_view input) {
  const size_t third = input.size() / 3;
  const std::string_view manifest = input.substr(third, third);
  const std::string_view index = input.substr(2 * third);
  copy::PackTrailer trailer = {};
  trailer.manifest_offset = copy::kPackHeader.size() + third;
  trailer.manifest_bytes = manifest.size();
  trailer.index_bytes = index.size();
  const std::string digest = Sha256(manifest);
  std::memcpy(trailer.manifest_digest, digest.data(), digest.size());
  std::memcpy(trailer.mark, copy::kPackMark.data(), sizeof trailer.mark);
  return fmt::format("{}{}{}{}{}", copy::kPackHeader, input.substr(0, third),
                     manifest, index,
                     std::string_view(reinterpret_cast<const char*>(&trailer),
                                      sizeof trailer));
}

}  // namespace
}  // namespace tutti::testing

// The first byte says what the rest is: a manifest, a pack, parts of a pack.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1,
                               size - 1);
  if (data[0] == 'm') tutti::testing::TryManifest(input);
  if (data[0] == 'p') tutti::testing::TryPack(input);
  if (data[0] == 'i') tutti::testing::TryPack(tutti::testing::MakePack(input));
  return 0;
}
