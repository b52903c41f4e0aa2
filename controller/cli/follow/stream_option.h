// --stream: one of a task's streams.
#ifndef CONTROLLER_CLI_FOLLOW_STREAM_OPTION_H_
#define CONTROLLER_CLI_FOLLOW_STREAM_OPTION_H_

#include "controller/cli/parser.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::cli {

// Leaves `stream` as it is where the option is not given.
void AddStreamOption(CLI::App& verb, v1::OutputStream& stream);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_STREAM_OPTION_H_
