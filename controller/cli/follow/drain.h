// Writing the rest of what was shown.
#ifndef CONTROLLER_CLI_FOLLOW_DRAIN_H_
#define CONTROLLER_CLI_FOLLOW_DRAIN_H_

#include <vector>

#include "controller/cli/follow/descriptor_writer.h"
#include "controller/cli/follow/signal_pipe.h"

namespace tutti::cli {

// Writes until nothing is pending or can be written any more, or a signal
// comes: whoever presses Ctrl-C does not wait for a reader that does not read.
// Gives the signals, after which bytes may be pending.
std::vector<int> Drain(StandardStreams& streams, SignalPipe& signals);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_DRAIN_H_
