// What the targets of a job said, all of it at once.
#ifndef CONTROLLER_CLI_COMPARE_JOB_OUTPUT_H_
#define CONTROLLER_CLI_COMPARE_JOB_OUTPUT_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/targets/target_expression.h"
#include "controller/cli/command.h"
#include "controller/cli/connection.h"
#include "controller/cli/follow/content_cache.h"
#include "controller/cli/follow/signal_pipe.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::cli {

// Standard output and standard error, in this order.
inline constexpr size_t kStreams = 2;

struct TargetOutput {
  std::string name;
  v1::TaskStatus status;
  // By stream, as it came in chunks.
  std::array<std::vector<SharedBytes>, kStreams> chunks;
  // Bytes that are not to be had any more.
  uint64_t missing_bytes = 0;

  // False: it has nothing to be compared, whatever the reason.
  bool HasRun() const;
};

struct JobOutput {
  v1::Job job;
  // Sorted bytewise.
  std::vector<TargetOutput> targets;
};

// Which output is wanted.
struct WantedOutput {
  v1::JobSelector job;
  // -t; absent: all of the job's targets.
  std::optional<TargetExpression> selection;
  // Standard output and error when unspecified. Another one stands in the
  // place of standard output.
  v1::OutputStream stream = v1::OUTPUT_STREAM_UNSPECIFIED;
};

// Fetches what came so far. RESOURCE_EXHAUSTED when that is too much to be
// held, CANCELLED when a signal came first.
absl::StatusOr<JobOutput> FetchOutput(const WantedOutput& wanted,
                                      const Context& context,
                                      Connection& connection,
                                      SignalPipe& signals);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_COMPARE_JOB_OUTPUT_H_
