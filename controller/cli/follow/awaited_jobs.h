// Waiting for the ends of several jobs at once.
#ifndef CONTROLLER_CLI_FOLLOW_AWAITED_JOBS_H_
#define CONTROLLER_CLI_FOLLOW_AWAITED_JOBS_H_

#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/cli/connection.h"
#include "controller/cli/follow/followed_job.h"
#include "controller/cli/follow/signal_pipe.h"
#include "controller/cli/follow/watch_reader.h"

namespace tutti::cli {

struct AwaitOptions {
  std::vector<v1::JobSelector> jobs;
  // The end of one of them is enough; otherwise of all.
  bool any = false;
  // Absent: as long as it takes. 0 only looks.
  std::optional<absl::Duration> timeout;
  // How long a lost controller is waited for.
  absl::Duration reconnect = absl::Seconds(60);
};

enum class WaitEnd { kSettled, kTimeOver, kInterrupted, kControllerLost };

// Watches each job by a stream of its own, states only. Not thread-safe.
class AwaitedJobs {
 public:
  AwaitedJobs(AwaitOptions options, Connection& connection,
              SignalPipe& signals);
  ~AwaitedJobs();

  // Until enough jobs are over, or nothing is left to wait for. An error when
  // the controller refuses one of them, or was lost before all were known.
  absl::StatusOr<WaitEnd> Run();

  size_t size() const { return watched_.size(); }
  // In the order in which they were named.
  const FollowedJob& job(size_t index) const;
  bool is_over(size_t index) const;
  // What was asked for came true.
  bool is_fulfilled() const;

 private:
  // Whose states are read from the job itself.
  class Listener final : public JobListener {
   public:
    absl::Status OnJob() override { return absl::OkStatus(); }
    void OnOutput(size_t, const OutputPiece&) override {}
    void OnAttempt(size_t) override {}
    void OnStatus(size_t) override {}
  };
  struct Watched {
    v1::JobSelector selector;
    FollowedJob job;
    // Null while there is no stream.
    std::unique_ptr<WatchReader> reader;
    // Everything came that was to come.
    bool ended = false;
  };
  bool only_looks() const { return options_.timeout == absl::ZeroDuration(); }
  void StartStreams();
  void WaitForEvents();
  absl::Status TakeMessages(Watched& watched);
  absl::Status OnStreamEnd(Watched& watched, const grpc::Status& status);
  absl::StatusOr<std::optional<WaitEnd>> CheckEnd();
  absl::Time LostForGood() const;
  // Nothing is left to wait for, among jobs that are known.
  bool IsSettled() const;
  // The first message of each came.
  bool AllKnown() const;

  const AwaitOptions options_;
  Connection& connection_;
  SignalPipe& signals_;
  std::shared_ptr<grpc::Channel> channel_;
  Listener listener_;
  std::vector<std::unique_ptr<Watched>> watched_;
  // When the controller was heard last, while it is lost.
  std::optional<absl::Time> lost_since_;
  absl::Time retry_at_ = absl::InfiniteFuture();
  absl::Time deadline_ = absl::InfiniteFuture();
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_AWAITED_JOBS_H_
