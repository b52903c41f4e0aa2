// How the processes of a job are to run: options that `run` and `script` share.
#ifndef CONTROLLER_CLI_RUN_PROCESS_OPTIONS_H_
#define CONTROLLER_CLI_RUN_PROCESS_OPTIONS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "controller/cli/command.h"
#include "tutti/v1/envelope.pb.h"

namespace tutti::cli {

// As they stand on the command line.
struct ProcessOptions {
  std::string user;
  bool sudo = false;
  bool login = false;
  std::vector<std::string> environment;
  std::vector<std::string> environment_files;
  std::string working_directory;
  std::optional<absl::Duration> timeout;

  std::string umask;
  std::string nice;
  std::string io_priority;
  std::vector<std::string> resource_limits;
  std::string memory;
  std::string cpus;
  std::string max_processes;
  bool limit_best_effort = false;
};

// Says in `work` what they mean. INVALID_ARGUMENT names the option and the
// remedy.
absl::Status ParseProcess(const ProcessOptions& options, v1::JobSpec& work);

// The options on the verb.
void AddProcessOptions(CLI::App& verb, ProcessOptions& options);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_PROCESS_OPTIONS_H_
