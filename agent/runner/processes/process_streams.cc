#include "agent/runner/processes/process_streams.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include "agent/runner/processes/script_file.h"
#include "agent/runner/processes/terminal.h"
#include "common/base/duration.h"
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

// A pipe for what the process writes.
absl::Status AddOutputPipe(const Launch& launch, FileDescriptor& ours,
                           FileDescriptor& theirs) {
  TUTTI_ASSIGN_OR_RETURN(Pipe pipe, MakePipe(launch, &Pipe::read_end));
  ours = std::move(pipe.read_end);
  theirs = std::move(pipe.write_end);
  return absl::OkStatus();
}

// What stands before all that the process is fed waits in the pipe for it, so
// that nobody has to remember how much of it was given.
absl::Status FillPipe(int pipe, const std::string& input) {
  const auto size = static_cast<int>(input.size());
  if (fcntl(pipe, F_GETPIPE_SZ) < size &&
      fcntl(pipe, F_SETPIPE_SZ, size) < size) {
    return SystemError(errno,
                       fmt::format("keep {} of parameters before the input of "
                                   "a job",
                                   FormatSize(input.size())));
  }
  const ssize_t written = write(pipe, input.data(), input.size());
  if (written == size) return absl::OkStatus();
  return SystemError(written < 0 ? errno : EAGAIN, "fill a pipe");
}

// Standard input, where there is any.
absl::Status AddInput(const Launch& launch, NewProcessStreams& streams) {
  if (launch.takes_input) {
    TUTTI_ASSIGN_OR_RETURN(Pipe pipe, MakePipe(launch, &Pipe::write_end));
    if (launch.input.has_value()) {
      TUTTI_RETURN_IF_ERROR(FillPipe(pipe.write_end.get(), *launch.input));
    }
    streams.ours.input = std::move(pipe.write_end);
    streams.input = std::move(pipe.read_end);
  } else if (launch.input.has_value()) {
    TUTTI_ASSIGN_OR_RETURN(streams.input,
                           MakeTextFile("input", *launch.input, launch.user));
  }
  return absl::OkStatus();
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
  descriptors.message = message.get();
  descriptors.result = result.get();
  descriptors.input = input.valid() ? input.get() : null_device;
  if (ours.is_terminal) descriptors.input = output.get();
}

void NewProcessStreams::CloseTheirs() {
  input.Reset();
  output.Reset();
  error.Reset();
  message.Reset();
  result.Reset();
}

absl::StatusOr<NewProcessStreams> MakeProcessStreams(const Launch& launch) {
  if (launch.terminal.has_value()) return MakeTerminalStreams(launch);
  NewProcessStreams streams;
  ProcessStreams& ours = streams.ours;
  TUTTI_RETURN_IF_ERROR(AddOutputPipe(launch, ours.output, streams.output));
  TUTTI_RETURN_IF_ERROR(AddOutputPipe(launch, ours.error, streams.error));
  if (launch.side_streams) {
    TUTTI_RETURN_IF_ERROR(AddOutputPipe(launch, ours.message, streams.message));
    TUTTI_RETURN_IF_ERROR(AddOutputPipe(launch, ours.result, streams.result));
  }
  TUTTI_RETURN_IF_ERROR(AddInput(launch, streams));
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
