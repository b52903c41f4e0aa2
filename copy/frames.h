// Frames in a stream of bytes: a length as a varint, then so many bytes; what
// protobuf calls delimited messages.
#ifndef COPY_FRAMES_H_
#define COPY_FRAMES_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tutti::copy {

// Appends a frame with `content` to `stream`.
void AppendFrame(std::string_view content, std::string& stream);
// How much that is for a content of so many bytes.
size_t FrameBytes(size_t content);

// Puts frames together from bytes in any split. Not thread-safe.
class FrameSplitter {
 public:
  // A longer frame than `limit` is an error, before room is made for it.
  explicit FrameSplitter(size_t limit) : limit_(limit) {}

  void set_limit(size_t limit) { limit_ = limit; }
  void Append(std::string_view bytes);
  // The next frame, absent when it has not all come; good until the next
  // Append.
  // After an error nothing more can be read.
  absl::StatusOr<std::optional<std::string_view>> Next();
  // Nothing came that was not given.
  bool empty() const { return taken_ == buffer_.size(); }

 private:
  size_t limit_;
  std::string buffer_;
  // Of the buffer, given already.
  size_t taken_ = 0;
};

// Writes all of `bytes` to a pipe. `what` is for the error.
absl::Status WriteAll(int fd, std::string_view bytes, std::string_view what);

}  // namespace tutti::copy

#endif  // COPY_FRAMES_H_
