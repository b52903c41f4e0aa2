#include "agent/runner/processes/input_writer.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

#include "agent/runner/processes/terminal.h"
#include "common/base/status_macros.h"

namespace tutti::runner {

absl::StatusOr<std::unique_ptr<InputWriter>> InputWriter::Create(
    EventLoop& loop, Line line, absl::AnyInvocable<void()> on_progress) {
  auto writer = std::unique_ptr<InputWriter>(
      new InputWriter(loop, std::move(line), std::move(on_progress)));
  // EPOLLERR and EPOLLHUP come unasked: nobody has the other end any more.
  TUTTI_ASSIGN_OR_RETURN(
      writer->watch_,
      loop.Add(writer->descriptor(), 0, [raw = writer.get()](uint32_t events) {
        raw->OnEvents(events);
      }));
  return writer;
}

InputWriter::~InputWriter() { loop_.Remove(watch_); }

void InputWriter::Give(tutti::v1::InputChunk chunk) {
  if (closed()) return;
  waiting_.push_back(std::move(chunk));
  if (!waits_for_room_) WriteWaiting();
}

void InputWriter::OnEvents(uint32_t events) {
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
    Close();
    return on_progress_();
  }
  loop_.Change(watch_, 0);
  waits_for_room_ = false;
  WriteWaiting();
}

void InputWriter::WriteWaiting() {
  const uint64_t before = given_;
  while (!waiting_.empty() && GiveFirst()) {
    ++given_;
    waiting_.pop_front();
    given_bytes_ = 0;
  }
  if (waits_for_room_) loop_.Change(watch_, EPOLLOUT);
  if (closed() || given_ > before) on_progress_();
}

bool InputWriter::GiveFirst() {
  const tutti::v1::InputChunk& chunk = waiting_.front();
  switch (chunk.content_case()) {
    case tutti::v1::InputChunk::kData:
      return Write(chunk.data());
    case tutti::v1::InputChunk::kEnd:
      return GiveEnd();
    case tutti::v1::InputChunk::kWindowSize:
      SetWindowSize(descriptor(), chunk.window_size());
      return true;
    case tutti::v1::InputChunk::CONTENT_NOT_SET:
      break;
  }
  return true;
}

// What of it was not written before.
bool InputWriter::Write(std::string_view bytes) {
  while (given_bytes_ < bytes.size()) {
    const std::string_view rest = bytes.substr(given_bytes_);
    const ssize_t n = write(descriptor(), rest.data(), rest.size());
    if (n > 0) {
      given_bytes_ += static_cast<uint64_t>(n);
    } else if (n == 0 || errno == EAGAIN) {
      waits_for_room_ = true;
      return false;
    } else if (errno != EINTR) {
      Close();
      return false;
    }
  }
  return true;
}

bool InputWriter::GiveEnd() {
  if (line_.is_terminal) {
    // On a line that was begun the first one only hands over what it holds.
    if (!Write(std::string(2, EndOfFileCharacter(descriptor())))) return false;
  }
  ++given_;
  Close();
  return false;
}

void InputWriter::Close() {
  loop_.Remove(watch_);
  line_.descriptor.Reset();
  waits_for_room_ = false;
  waiting_.clear();
}

}  // namespace tutti::runner
