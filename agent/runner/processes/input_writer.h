// Giving a process its standard input.
#ifndef AGENT_RUNNER_PROCESSES_INPUT_WRITER_H_
#define AGENT_RUNNER_PROCESSES_INPUT_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "agent/runner/processes/event_loop.h"
#include "common/base/file_descriptor.h"
#include "tutti/v1/envelope.pb.h"

namespace tutti::runner {

// Writes as much as the process takes and keeps the rest. SIGPIPE must be
// ignored. One thread only, the loop's.
class InputWriter {
 public:
  // A pipe's write end or a terminal's master, non-blocking.
  struct Line {
    FileDescriptor descriptor;
    bool is_terminal = false;
  };
  // `on_progress`: some chunks were given whole, or it is closed. It may not
  // destroy the writer, is also called by Give, and not once it is closed.
  static absl::StatusOr<std::unique_ptr<InputWriter>> Create(
      EventLoop& loop, Line line, absl::AnyInvocable<void()> on_progress);
  ~InputWriter();
  InputWriter(const InputWriter&) = delete;
  InputWriter& operator=(const InputWriter&) = delete;

  // Dropped once it is closed.
  void Give(tutti::v1::InputChunk chunk);
  // Goes on where another writer stood: of the first chunk that it is given
  // the process has so many bytes already.
  void Skip(uint64_t bytes) { given_bytes_ = bytes; }

  // How many chunks the process was given by this writer.
  uint64_t given() const { return given_; }
  // Those that it was not given, or not whole.
  const std::deque<tutti::v1::InputChunk>& waiting() const { return waiting_; }
  uint64_t given_bytes() const { return given_bytes_; }
  // The input is at its end, or the process reads it no more.
  bool closed() const { return !line_.descriptor.valid(); }
  int descriptor() const { return line_.descriptor.get(); }

 private:
  InputWriter(EventLoop& loop, Line line,
              absl::AnyInvocable<void()> on_progress)
      : loop_(loop),
        line_(std::move(line)),
        on_progress_(std::move(on_progress)) {}
  void OnEvents(uint32_t events);
  void WriteWaiting();
  // False when the rest has to wait.
  bool GiveFirst();
  bool Write(std::string_view bytes);
  bool GiveEnd();
  void Close();

  EventLoop& loop_;
  Line line_;
  absl::AnyInvocable<void()> on_progress_;
  EventLoop::Watch watch_ = 0;
  bool waits_for_room_ = false;
  std::deque<tutti::v1::InputChunk> waiting_;
  // Of the first one.
  uint64_t given_bytes_ = 0;
  uint64_t given_ = 0;
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_PROCESSES_INPUT_WRITER_H_
