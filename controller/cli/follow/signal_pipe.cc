#include "controller/cli/follow/signal_pipe.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <utility>

#include "common/base/errors.h"

namespace tutti::cli {
namespace {

// A signal handler can reach nothing but a global.
std::atomic<int> handler_descriptor{-1};

void OnSignal(int signal) {
  const int saved_errno = errno;
  const char byte = static_cast<char>(signal);
  // A full pipe has signals enough.
  [[maybe_unused]] const ssize_t count =
      write(handler_descriptor.load(std::memory_order_relaxed), &byte, 1);
  errno = saved_errno;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SignalPipe>> SignalPipe::Make() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
    return SystemError(errno, "make a pipe for signals");
  }
  return std::unique_ptr<SignalPipe>(
      new SignalPipe(FileDescriptor(ends[0]), FileDescriptor(ends[1])));
}

SignalPipe::SignalPipe(FileDescriptor read_end, FileDescriptor write_end)
    : read_end_(std::move(read_end)), write_end_(std::move(write_end)) {
  handler_descriptor = write_end_.get();
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGPIPE}) {
    struct sigaction action = {};
    action.sa_handler = signal == SIGPIPE ? SIG_IGN : OnSignal;
    action.sa_flags = SA_RESTART;
    Saved saved{signal, {}};
    sigaction(signal, nullptr, &saved.action);
    if (saved.action.sa_handler == SIG_IGN) continue;
    sigaction(signal, &action, nullptr);
    saved_.push_back(saved);
  }
}

SignalPipe::~SignalPipe() {
  for (const Saved& saved : saved_) {
    // A broken pipe may still be met while the program ends.
    if (saved.signal != SIGPIPE) {
      sigaction(saved.signal, &saved.action, nullptr);
    }
  }
  handler_descriptor = -1;
}

std::vector<int> SignalPipe::TakeAll() {
  std::vector<int> signals;
  char byte;
  while (read(read_end_.get(), &byte, 1) == 1) {
    if (byte == SIGWINCH) {
      resized_ = true;
    } else {
      signals.push_back(byte);
    }
  }
  return signals;
}

}  // namespace tutti::cli
