// What `--delegate` allows a local job to do with `tutti`.
#ifndef CONTROLLER_CLI_RUN_DELEGATE_OPTION_H_
#define CONTROLLER_CLI_RUN_DELEGATE_OPTION_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/cli/command.h"

namespace tutti::cli {

// As it stands on the command line.
struct DelegateOptions {
  std::vector<std::string> targets;
  std::vector<std::string> kinds;
  std::optional<absl::Duration> life;
};

// What it means.
struct DelegatePlan {
  // Good expressions, at least one.
  std::vector<std::string> targets;
  // As v1::Delegation has them, sorted and unique.
  std::vector<std::string> kinds;
  absl::Duration life;
};

void AddDelegateOptions(CLI::App& verb, DelegateOptions& options);

// Absent without --delegate. INVALID_ARGUMENT names the option and the remedy.
absl::StatusOr<std::optional<DelegatePlan>> ParseDelegate(
    const DelegateOptions& options);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_DELEGATE_OPTION_H_
