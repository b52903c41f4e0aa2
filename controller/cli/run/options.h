// What `run`, `script` and `query` were asked for.
#ifndef CONTROLLER_CLI_RUN_OPTIONS_H_
#define CONTROLLER_CLI_RUN_OPTIONS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "controller/cli/command.h"
#include "controller/cli/follow/follow.h"
#include "controller/cli/follow/interrupts.h"
#include "controller/cli/run/delegate_option.h"
#include "controller/cli/run/input_options.h"
#include "controller/cli/run/parameter_table.h"
#include "controller/cli/run/process_options.h"
#include "controller/cli/run/rollout.h"
#include "controller/cli/run/secret_option.h"
#include "copy/pack_writer.h"
#include "tutti/v1/envelope.pb.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::cli {

// What `run` alone takes, as it stands on the command line.
struct CommandOptions {
  std::string text;
  bool has_text = false;
  std::string interpreter;
};

// What both take, as it stands on the command line.
struct RunOptions {
  std::vector<std::string> targets;
  std::vector<std::string> target_files;
  std::vector<std::string> exclusions;
  // The controller's own host, and nobody else.
  bool local = false;
  bool skip_unknown = false;
  std::string per_target;
  std::string pick;
  std::string first;
  std::string if_empty = "fail";
  std::string expect;
  bool dry_run = false;
  bool yes = false;
  // A query; absent: all of them.
  std::optional<std::string> where;

  RolloutOptions rollout;
  std::string offline = "fail";
  std::optional<absl::Duration> expire;
  std::optional<absl::Duration> lost_after;
  std::optional<absl::Duration> deadline;

  ProcessOptions process;
  InputOptions input;
  std::vector<std::string> secrets;
  DelegateOptions delegate;
  bool no_keep = false;
  // Its process has streams for messages and a result.
  bool side_streams = false;

  std::string name;
  std::string supersede;
  std::string id;
  bool detach = false;
  std::optional<absl::Duration> wait;
  std::string on_interrupt = "ask";
  std::string min_success;
  bool largest_status = false;
  bool quiet = false;
  ShowOptions show;
};

// --expect 30, --expect 20-40.
struct ExpectedCount {
  uint64_t least = 0;
  uint64_t most = 0;
};

// What they mean.
struct RunPlan {
  // The part of a spec that says what is done, as whom and under which limits.
  v1::JobSpec work;
  RolloutPlan rollout;
  InputPlan input;
  std::optional<ExpectedCount> expect;
  // Of each target; absent: none has any.
  std::optional<ParameterTable> parameters;
  // Absent: the job may not use `tutti` in the operator's name.
  std::optional<DelegatePlan> delegate;
  // By name; what of them is signed stands in `work`.
  SecretList secrets;
  v1::OfflinePolicy offline = v1::OFFLINE_POLICY_FAIL;
  InterruptPolicy on_interrupt = InterruptPolicy::kAsk;
  std::optional<double> min_success;
  std::optional<Uuid> id;
  // More than 1: a retry of the job `id`.
  uint32_t attempt = 1;
  // What a copy puts in place, to be uploaded before it starts. Shared by the
  // copies of a plan; null: nothing.
  std::shared_ptr<const copy::WrittenPack> content;
};

// The kind of `run`: the program behind `--`, or the text of -c.
absl::StatusOr<v1::JobSpec> MakeCommand(
    const CommandOptions& options,
    const std::optional<std::vector<std::string>>& tail);

// Everything that can be checked before the controller is asked; `work` has its
// kind. INVALID_ARGUMENT names the option and the remedy.
absl::StatusOr<RunPlan> MakePlan(const RunOptions& options, v1::JobSpec work);

// How many of the options read standard input, which there is once.
size_t StandardInputsRead(const RunOptions& options);

absl::StatusOr<ExpectedCount> ParseExpectedCount(std::string_view text);

// The options on the verb.
void AddCommandOptions(CLI::App& verb, CommandOptions& options);
void AddRunOptions(CLI::App& verb, Context& context, RunOptions& options);
// Without input, and with other ways to show what comes.
void AddQueryOptions(CLI::App& verb, Context& context, RunOptions& options);
// For a look at targets: who they are, and how long to wait for them.
void AddLookOptions(CLI::App& verb, RunOptions& options);
// Without input and secrets, which a copy has no use for.
void AddCopyOptions(CLI::App& verb, Context& context, RunOptions& options);
// Likewise, and what comes is shown by the verb alone.
void AddFetchOptions(CLI::App& verb, Context& context, RunOptions& options);
// Those that a retry has as well; its targets are some of the job's.
void AddRetryOptions(CLI::App& verb, Context& context, RunOptions& options);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_OPTIONS_H_
