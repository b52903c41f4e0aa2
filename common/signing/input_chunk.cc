#include "common/signing/input_chunk.h"

#include <limits>

#include "common/base/duration.h"
#include "common/base/errors.h"

namespace tutti {
namespace {

// Nothing else that is ever signed begins like this.
constexpr std::string_view kInputDomainSeparator("tutti input signature v1\0",
                                                 25);

bool IsSide(uint32_t side) {
  return side >= 1 && side <= std::numeric_limits<uint16_t>::max();
}

}  // namespace

std::string SignedInputBytes(std::string_view chunk) {
  std::string bytes;
  bytes.reserve(kInputDomainSeparator.size() + chunk.size());
  bytes.append(kInputDomainSeparator).append(chunk);
  return bytes;
}

absl::Status CheckInputContent(const v1::InputChunk& chunk, bool has_terminal) {
  switch (chunk.content_case()) {
    case v1::InputChunk::kData:
      if (chunk.data().size() <= kMaxInputChunkBytes) return absl::OkStatus();
      return InvalidArgument(
          "a chunk of input is {} large, at most {} are possible; cut it into "
          "smaller ones",
          FormatSize(chunk.data().size()), FormatSize(kMaxInputChunkBytes));
    case v1::InputChunk::kEnd:
      return absl::OkStatus();
    case v1::InputChunk::kWindowSize:
      if (has_terminal) return CheckWindowSize(chunk.window_size());
      return InvalidArgument(
          "the input sizes a window, but the task has no terminal; start it "
          "with one");
    case v1::InputChunk::CONTENT_NOT_SET:
      break;
  }
  return InvalidArgument(
      "a chunk of input says nothing that this version knows; upgrade Tutti "
      "here");
}

absl::Status CheckWindowSize(const v1::WindowSize& size) {
  if (IsSide(size.rows()) && IsSide(size.columns())) return absl::OkStatus();
  return InvalidArgument(
      "no window has {} rows and {} columns; give 1 to {} of each", size.rows(),
      size.columns(), std::numeric_limits<uint16_t>::max());
}

}  // namespace tutti
