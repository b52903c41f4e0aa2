#include "controller/cli/compare/job_output.h"

#include <fmt/ranges.h>

#include <memory>
#include <utility>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/follow/follower.h"

namespace tutti::cli {
namespace {

// Bytes of output, over all targets.
constexpr uint64_t kMaxBytes = 512 << 20;

// Keeps what comes of the chosen streams.
class KeepingView final : public OutputView {
 public:
  // `kept` is as long as the job has tasks and outlives this.
  KeepingView(const WantedOutput& wanted, std::vector<TargetOutput>& kept,
              uint64_t& bytes)
      : wanted_(wanted), kept_(kept), bytes_(bytes) {}

  void OnOutput(size_t task, const OutputPiece& piece) override {
    if (piece.stream == v1::OUTPUT_STREAM_EVENT) return;
    const size_t stream = piece.stream == v1::OUTPUT_STREAM_STDERR ? 1 : 0;
    const bool both = piece.stream == v1::OUTPUT_STREAM_STDOUT ||
                      piece.stream == v1::OUTPUT_STREAM_STDERR;
    if (piece.content == nullptr) {
      kept_[task].missing_bytes += piece.missing_bytes;
    } else if (wanted_.stream == piece.stream ||
               (wanted_.stream == v1::OUTPUT_STREAM_UNSPECIFIED && both)) {
      bytes_ += piece.content->size();
      if (bytes_ > kMaxBytes) return;
      kept_[task].chunks[stream].push_back(piece.content);
    }
  }
  void OnAttempt(size_t task) override { kept_[task] = TargetOutput(); }
  void OnStatus(size_t) override {}
  absl::Status Finish(int) override { return absl::OkStatus(); }

 private:
  const WantedOutput& wanted_;
  std::vector<TargetOutput>& kept_;
  uint64_t& bytes_;
};

absl::Status WhyLeft(const Follower& follower, LeaveReason reason,
                     const Connection& connection) {
  switch (reason) {
    case LeaveReason::kOver:
      return absl::OkStatus();
    case LeaveReason::kRefused:
      return follower.error();
    case LeaveReason::kControllerLost:
      return Unavailable("controller {} did not answer; try again",
                         fmt::join(connection.fleet().controllers, ", "));
    default:
      return WithExitStatus(
          absl::CancelledError("interrupted before all output was there"),
          kExitInterrupted);
  }
}

}  // namespace

bool TargetOutput::HasRun() const {
  return status.attempt().has_started_at() ||
         status.attempt().state() == v1::TASK_STATE_COMPLETED ||
         !chunks[0].empty() || !chunks[1].empty();
}

absl::StatusOr<JobOutput> FetchOutput(const WantedOutput& wanted,
                                      const Context& context,
                                      Connection& connection,
                                      SignalPipe& signals) {
  TUTTI_RETURN_IF_ERROR(connection.Connect());
  FollowerOptions options;
  options.job = wanted.job;
  options.selection = wanted.selection;
  options.follow = false;
  options.quiet = true;
  std::vector<TargetOutput> kept;
  uint64_t bytes = 0;
  Follower follower(
      context, connection.channel(), [&] { return connection.DialNext(); },
      options, signals,
      [&](const FollowedJob& job, Sinks) {
        kept.resize(job.tasks().size());
        return std::make_unique<KeepingView>(wanted, kept, bytes);
      });
  TUTTI_RETURN_IF_ERROR(WhyLeft(follower, follower.Run(), connection));
  JobOutput output;
  output.job = follower.job().job();
  if (bytes > kMaxBytes) {
    return ResourceExhausted(
        "job {} said {}, and at most {} are compared at once; choose some of "
        "its targets with -t, or one stream with --stream",
        output.job.number(), FormatSize(bytes), FormatSize(kMaxBytes));
  }
  for (size_t i = 0; i < kept.size(); ++i) {
    const FollowedTask& task = follower.job().tasks()[i];
    if (!task.selected) continue;
    kept[i].name = task.name;
    kept[i].status = task.status;
    output.targets.push_back(std::move(kept[i]));
  }
  return output;
}

}  // namespace tutti::cli
