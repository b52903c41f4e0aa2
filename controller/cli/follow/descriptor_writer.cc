#include "controller/cli/follow/descriptor_writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace tutti::cli {
namespace {

bool IsSamePlace(int left, int right) {
  struct stat left_info;
  struct stat right_info;
  return fstat(left, &left_info) == 0 && fstat(right, &right_info) == 0 &&
         left_info.st_dev == right_info.st_dev &&
         left_info.st_ino == right_info.st_ino;
}

}  // namespace

DescriptorWriter::DescriptorWriter(int descriptor) : descriptor_(descriptor) {
  struct stat info;
  // A descriptor that is closed only matters once something is written.
  if (fstat(descriptor, &info) != 0) return;
  is_socket_ = S_ISSOCK(info.st_mode);
  if (!S_ISFIFO(info.st_mode) && !S_ISCHR(info.st_mode)) return;
  const std::string path = fmt::format("/proc/self/fd/{}", descriptor);
  reopened_.Reset(
      open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (reopened_.valid()) descriptor_ = reopened_.get();
}

void DescriptorWriter::Flush() {
  while (error_ == 0 && pending() > 0) {
    const long count = WriteSome(buffer_.data() + written_, pending());
    if (count >= 0) {
      written_ += static_cast<size_t>(count);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return;
    } else if (errno != EINTR) {
      error_ = errno;
    }
  }
  buffer_.clear();
  written_ = 0;
}

long DescriptorWriter::WriteSome(const char* data, size_t size) const {
  if (is_socket_) {
    return send(descriptor_, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  return write(descriptor_, data, size);
}

StandardStreams::StandardStreams(int output_descriptor, int error_descriptor)
    : output_(output_descriptor) {
  if (!IsSamePlace(output_descriptor, error_descriptor)) {
    error_ = std::make_unique<DescriptorWriter>(error_descriptor);
  }
}

void StandardStreams::Flush() {
  output_.Flush();
  if (error_ != nullptr) error_->Flush();
}

}  // namespace tutti::cli
