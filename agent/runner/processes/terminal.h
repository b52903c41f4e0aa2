// Pseudo-terminals (pty(7)).
#ifndef AGENT_RUNNER_PROCESSES_TERMINAL_H_
#define AGENT_RUNNER_PROCESSES_TERMINAL_H_

#include <sys/types.h>

#include <optional>

#include "absl/status/statusor.h"
#include "common/base/file_descriptor.h"
#include "tutti/v1/envelope.pb.h"

namespace tutti::runner {

struct Terminal {
  // The runner's end, non-blocking; the other one is the processes'.
  FileDescriptor master;
  FileDescriptor slave;
};

// `owner`: whose the slave is to be; empty: who this process runs as. Nobody
// else but root may read it; others of its group (the host's group for
// terminals) may write messages to it, as mesg(1) allows.
absl::StatusOr<Terminal> OpenTerminal(const tutti::v1::WindowSize& size,
                                      std::optional<uid_t> owner);

// The processes in its foreground get SIGWINCH when that is another size.
void SetWindowSize(int master, const tutti::v1::WindowSize& size);

// What ends the input when it is typed on an empty line.
char EndOfFileCharacter(int master);

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_PROCESSES_TERMINAL_H_
