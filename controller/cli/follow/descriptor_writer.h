// Standard output and standard error of a verb that must stay responsive
// while the reader at the other end is slow.
#ifndef CONTROLLER_CLI_FOLLOW_DESCRIPTOR_WRITER_H_
#define CONTROLLER_CLI_FOLLOW_DESCRIPTOR_WRITER_H_

#include <cstddef>
#include <memory>
#include <string>

#include "common/base/file_descriptor.h"

namespace tutti::cli {

// Writes what is in its buffer without ever blocking. Pipes and terminals are
// opened again through /proc, so that O_NONBLOCK is not forced on those who
// share the descriptor; where that is not allowed a write may block. Not
// thread-safe.
class DescriptorWriter {
 public:
  // Borrows `descriptor`.
  explicit DescriptorWriter(int descriptor);

  // What is to be written; append to it.
  std::string& buffer() { return buffer_; }
  // Bytes that Flush left over.
  size_t pending() const { return buffer_.size() - written_; }
  // Writes as much as the other side takes now.
  void Flush();
  // Nobody reads any more (EPIPE), or the disk is full; what is appended from
  // now on is dropped.
  bool closed() const { return error_ != 0; }
  // errno of the write that failed; 0 while none did.
  int error() const { return error_; }
  // To wait on with POLLOUT while there is something pending.
  int descriptor() const { return descriptor_; }

 private:
  long WriteSome(const char* data, size_t size) const;

  int descriptor_;
  FileDescriptor reopened_;
  bool is_socket_ = false;
  std::string buffer_;
  size_t written_ = 0;
  int error_ = 0;
};

// Both streams. Where they lead to the same place they share one buffer, so
// that what is appended first comes first.
class StandardStreams {
 public:
  StandardStreams(int output_descriptor, int error_descriptor);

  DescriptorWriter& output() { return output_; }
  DescriptorWriter& error() { return error_ != nullptr ? *error_ : output_; }
  bool shared() const { return error_ == nullptr; }

  void Flush();
  size_t pending() { return output_.pending() + error().pending(); }

 private:
  DescriptorWriter output_;
  // Null: shared with output_.
  std::unique_ptr<DescriptorWriter> error_;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_DESCRIPTOR_WRITER_H_
