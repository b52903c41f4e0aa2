// How `run` goes over its targets.
#ifndef CONTROLLER_CLI_RUN_ROLLOUT_H_
#define CONTROLLER_CLI_RUN_ROLLOUT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/cli/command.h"
#include "controller/cli/output.h"
#include "controller/cli/run/share.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::cli {

// As they stand on the command line.
struct RolloutOptions {
  std::string fanout;
  std::vector<std::string> max_per_label;
  std::string quorum;
  std::string canary;
  std::optional<absl::Duration> canary_wait;
  std::string batch;
  std::optional<absl::Duration> batch_wait;
  std::string start_rate;
  std::optional<absl::Duration> splay;
  std::string stop_after;
  std::string max_failures;
  bool count_offline = false;
  bool stop_running = false;
};

// What they mean, whatever the number of targets.
struct RolloutPlan {
  std::optional<Share> fanout;
  std::vector<v1::MaxPerLabel> max_per_label;
  std::optional<Share> quorum;
  std::optional<Share> canary;
  absl::Duration canary_wait;
  std::optional<Share> batch;
  absl::Duration batch_wait;
  // From one start to the next.
  absl::Duration start_interval;
  absl::Duration splay;
  std::optional<Share> stop_after;
  std::optional<Share> max_failures;
  bool count_offline = false;
  bool stop_running = false;
};

// How many may be in flight at once, all of them when it is their number.
struct AtOnce {
  uint64_t number = 0;
  // Which option keeps it below the fan-out: "--max-failures 3"; empty: none.
  std::string because;
};

// INVALID_ARGUMENT names the option and the remedy.
absl::StatusOr<RolloutPlan> ParseRollout(const RolloutOptions& options);

// Parts of it. A share of failures that leaves room for none is refused.
absl::StatusOr<Share> ParseMaxFailures(std::string_view option,
                                       std::string_view text);
// The time from one start to the next; zero for an empty text.
absl::StatusOr<absl::Duration> ParseStartRate(std::string_view text);

// `default_fanout`: the fleet's; 0: none.
AtOnce AtOnceOf(const RolloutPlan& plan, uint64_t targets,
                uint32_t default_fanout);

// Whether so many targets can be a quorum.
absl::Status CheckQuorum(const RolloutPlan& plan, uint64_t targets);

// For StartJob.
v1::Rollout MakeRollout(const RolloutPlan& plan, uint64_t targets);

// How long the pauses between starts are in all, at most, when `at_once` of
// `targets` start at once.
absl::Duration PausesOf(const RolloutPlan& plan, uint64_t targets,
                        uint64_t at_once);

// Each rule beside the fan-out in words: "batches of 10, 30s apart", "ends at 3
// failures, never more".
std::vector<std::string> RuleTexts(const v1::Rollout& rollout);
// The same for programs.
Json RolloutToJson(const v1::Rollout& rollout);

void AddRolloutOptions(CLI::App& verb, RolloutOptions& options);
// Of a first attempt alone.
void AddQuorumOption(CLI::App& verb, RolloutOptions& options);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_ROLLOUT_H_
