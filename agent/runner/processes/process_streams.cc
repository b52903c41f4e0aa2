#include "agent/runner/processes/process_streams.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "agent/runner/processes/terminal.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace tutti::runner {
namespace {

struct Pipe {
  FileDescriptor read_end;
  FileDescriptor write_end;
};

// Only our end does not block: the other one is the program's own, which may
// open it again by its name (/dev/stdin).
absl::StatusOr<Pipe> MakePipe(const Launch& launch,
                              FileDescriptor Pipe::*ours) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return SystemError(errno, "make a pipe");
  Pipe pipe{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
  if (fcntl((pipe.*ours).get(), F_SETFL, O_NONBLOCK) != 0) {
    return SystemError(errno, "set up a pipe");
  }
  if (launch.switch_user && fchown(pipe.read_end.get(), launch.user.uid,
                                   static_cast<gid_t>(-1)) != 0) {
    return SystemError(errno, "give a pipe to its user");
  }
  return pipe;
}

absl::StatusOr<NewProcessStreams> MakeTerminalStreams(const Launch& launch) {
  std::optional<uid_t> owner;
  if (launch.switch_user) owner = launch.user.uid;
  TUTTI_ASSIGN_OR_RETURN(Terminal terminal,
                         OpenTerminal(*launch.terminal, owner));
  NewProcessStreams streams;
  TUTTI_ASSIGN_OR_RETURN(streams.ours,
                         StreamsOfMaster(std::move(terminal.master)));
  streams.output = std::move(terminal.slave);
  return streams;
}

}  // namespace

void NewProcessStreams::Lend(int null_device,
                             ProcessDescriptors& descriptors) const {
  descriptors.null_device = null_device;
  descriptors.has_terminal = ours.is_terminal;
  descriptors.output = output.get();
  descriptors.error = ours.is_terminal ? output.get() : error.get();
  descriptors.input = input.valid() ? input.get() : null_device;
  if (ours.is_terminal) descriptors.input = output.get();
}

void NewProcessStreams::CloseTheirs() {
  input.Reset();
  output.Reset();
  error.Reset();
}

absl::StatusOr<NewProcessStreams> MakeProcessStreams(const Launch& launch) {
  if (launch.terminal.has_value()) return MakeTerminalStreams(launch);
  NewProcessStreams streams;
  TUTTI_ASSIGN_OR_RETURN(Pipe output, MakePipe(launch, &Pipe::read_end));
  TUTTI_ASSIGN_OR_RETURN(Pipe error, MakePipe(launch, &Pipe::read_end));
  streams.ours.output = std::move(output.read_end);
  streams.output = std::move(output.write_end);
  streams.ours.error = std::move(error.read_end);
  streams.error = std::move(error.write_end);
  if (!launch.takes_input) return streams;
  TUTTI_ASSIGN_OR_RETURN(Pipe input, MakePipe(launch, &Pipe::write_end));
  streams.ours.input = std::move(input.write_end);
  streams.input = std::move(input.read_end);
  return streams;
}

absl::StatusOr<ProcessStreams> StreamsOfMaster(FileDescriptor master) {
  ProcessStreams streams;
  streams.is_terminal = true;
  // Of its own, so that each can be watched and closed for itself.
  streams.input.Reset(fcntl(master.get(), F_DUPFD_CLOEXEC, 0));
  if (!streams.input.valid()) return SystemError(errno, "set up a terminal");
  streams.output = std::move(master);
  return streams;
}

}  // namespace tutti::runner
