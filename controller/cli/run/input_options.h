// What `run` and `script` give the program to read.
#ifndef CONTROLLER_CLI_RUN_INPUT_OPTIONS_H_
#define CONTROLLER_CLI_RUN_INPUT_OPTIONS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/cli/command.h"
#include "controller/cli/follow/interrupts.h"
#include "tutti/v1/envelope.pb.h"

namespace tutti::cli {

// As they stand on the command line.
struct InputOptions {
  bool standard_input = false;
  std::string policy;
  bool terminal = false;
};

// What they mean.
struct InputPlan {
  // The CLI feeds the program from its standard input.
  bool fed = false;
  // A terminal shows through; `fed` as well.
  bool terminal = false;
  // Who holds up the others for so long is left behind.
  std::optional<absl::Duration> drop_slow_after;
};

absl::StatusOr<InputPlan> ParseInput(const InputOptions& options);

// What Ctrl-C does to a job that is fed: nobody else could go on feeding it.
// INVALID_ARGUMENT for kDetach.
absl::StatusOr<InterruptPolicy> FedInterruptPolicy(InterruptPolicy asked);

// INVALID_ARGUMENT unless there is a terminal here, for whatever shows through
// it.
absl::Status CheckTerminals(const Context& context);

// The options on the verb.
void AddInputOptions(CLI::App& verb, InputOptions& options);

// Says in `spec` that input comes, signed by the key, and with what terminal.
void AddInput(const InputPlan& plan, const std::string& public_key,
              const Terminal& terminal, v1::JobSpec& spec);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_INPUT_OPTIONS_H_
