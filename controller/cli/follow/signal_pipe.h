// Signals as something to wait for.
#ifndef CONTROLLER_CLI_FOLLOW_SIGNAL_PIPE_H_
#define CONTROLLER_CLI_FOLLOW_SIGNAL_PIPE_H_

#include <signal.h>

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/file_descriptor.h"

namespace tutti::cli {

// Takes SIGINT, SIGTERM and SIGHUP (those that were ignored stay so, as nohup
// wants it), SIGWINCH, and ignores SIGPIPE. A handler and a pipe rather than
// signalfd, because gRPC's threads, which are there before, do not block them.
// At most one at a time; gives the signals back when it goes.
class SignalPipe {
 public:
  static absl::StatusOr<std::unique_ptr<SignalPipe>> Make();
  ~SignalPipe();
  SignalPipe(const SignalPipe&) = delete;
  SignalPipe& operator=(const SignalPipe&) = delete;

  // Readable when there is a signal.
  int descriptor() const { return read_end_.get(); }
  // Signals that came, in order, but for SIGWINCH; never waits.
  std::vector<int> TakeAll();
  // The window had another size when TakeAll was called, since the last time
  // that somebody asked here.
  bool TakeResized() { return std::exchange(resized_, false); }

 private:
  struct Saved {
    int signal;
    struct sigaction action;
  };
  SignalPipe(FileDescriptor read_end, FileDescriptor write_end);

  FileDescriptor read_end_;
  FileDescriptor write_end_;
  std::vector<Saved> saved_;
  bool resized_ = false;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_SIGNAL_PIPE_H_
