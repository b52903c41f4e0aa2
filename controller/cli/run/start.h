// Starting a job exactly once over a link that may break.
#ifndef CONTROLLER_CLI_RUN_START_H_
#define CONTROLLER_CLI_RUN_START_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "common/base/uuid.h"
#include "controller/cli/connection.h"
#include "controller/cli/follow/signal_pipe.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::cli {

// Sends `request` until there is an answer, for up to 60 s: under one UUID it
// starts once, however often it comes. Gives the job's number. When the
// controller stays away, or a signal comes meanwhile, nobody knows whether the
// job was started: an error with kExitGoesOn that says how to find out.
absl::StatusOr<uint64_t> StartJob(Connection& connection,
                                  const v1::StartJobRequest& request,
                                  const Uuid& uuid, SignalPipe& signals);

// The UUID as JobSelector.uuid_prefix has it: 32 digits.
std::string HexDigits(const Uuid& uuid);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_START_H_
