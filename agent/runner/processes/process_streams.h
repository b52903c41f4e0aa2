// Standard input, output and error of a process, and its side streams.
#ifndef AGENT_RUNNER_PROCESSES_PROCESS_STREAMS_H_
#define AGENT_RUNNER_PROCESSES_PROCESS_STREAMS_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/runner/processes/launch.h"
#include "agent/runner/processes/start_process.h"
#include "common/base/file_descriptor.h"

namespace tutti::runner {

// The runner's ends, non-blocking.
struct ProcessStreams {
  // Where the process's input is written to; not valid: it has none.
  FileDescriptor input;
  // Not valid when the process has closed the other end.
  FileDescriptor output;
  // The same; of a terminal it never is.
  FileDescriptor error;
  // The same; never valid without side streams.
  FileDescriptor message;
  FileDescriptor result;
  // All of them are a terminal: input and output are its master.
  bool is_terminal = false;
};

// While the process is being started.
struct NewProcessStreams {
  ProcessStreams ours;
  // Not valid: /dev/null, or the terminal.
  FileDescriptor input;
  // Of a terminal its slave, which is all three.
  FileDescriptor output;
  FileDescriptor error;
  // Not valid: it has no side streams.
  FileDescriptor message;
  FileDescriptor result;

  // `null_device` stands in where there is no input.
  void Lend(int null_device, ProcessDescriptors& descriptors) const;
  // Once the process has them.
  void CloseTheirs();
};

// Pipes, or a terminal of the launch's user.
absl::StatusOr<NewProcessStreams> MakeProcessStreams(const Launch& launch);

// Of a terminal that an earlier runner of this process has made.
absl::StatusOr<ProcessStreams> StreamsOfMaster(FileDescriptor master);

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_PROCESSES_PROCESS_STREAMS_H_
