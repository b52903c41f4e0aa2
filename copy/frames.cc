#include "copy/frames.h"

#include <google/protobuf/io/coded_stream.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "common/base/errors.h"

namespace tutti::copy {
namespace {

using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;

// A length of 64 bits.
constexpr size_t kMaxLengthBytes = 10;

}  // namespace

void AppendFrame(std::string_view content, std::string& stream) {
  uint8_t length[kMaxLengthBytes];
  const uint8_t* end =
      CodedOutputStream::WriteVarint64ToArray(content.size(), length);
  stream.append(reinterpret_cast<const char*>(length),
                static_cast<size_t>(end - length));
  stream.append(content);
}

size_t FrameBytes(size_t content) {
  return CodedOutputStream::VarintSize64(content) + content;
}

void FrameSplitter::Append(std::string_view bytes) {
  buffer_.erase(0, taken_);
  taken_ = 0;
  buffer_.append(bytes);
}

absl::StatusOr<std::optional<std::string_view>> FrameSplitter::Next() {
  const std::string_view rest = std::string_view(buffer_).substr(taken_);
  const size_t looked_at = std::min(rest.size(), kMaxLengthBytes);
  CodedInputStream input(reinterpret_cast<const uint8_t*>(rest.data()),
                         static_cast<int>(looked_at));
  uint64_t length = 0;
  if (!input.ReadVarint64(&length)) {
    if (looked_at < kMaxLengthBytes) return std::nullopt;
    return DataLoss("the length of a frame is none");
  }
  if (length > limit_) {
    return DataLoss("a frame of {} bytes came where at most {} can be", length,
                    limit_);
  }
  const size_t begin = static_cast<size_t>(input.CurrentPosition());
  if (rest.size() - begin < length) return std::nullopt;
  taken_ += begin + length;
  return rest.substr(begin, length);
}

absl::Status WriteAll(int fd, std::string_view bytes, std::string_view what) {
  while (!bytes.empty()) {
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SystemError(errno, fmt::format("write {}", what));
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return absl::OkStatus();
}

}  // namespace tutti::copy
