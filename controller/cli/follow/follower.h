// The loop that follows a job: messages, signals, keys, time and output.
#ifndef CONTROLLER_CLI_FOLLOW_FOLLOWER_H_
#define CONTROLLER_CLI_FOLLOW_FOLLOWER_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "controller/cli/command.h"
#include "controller/cli/follow/descriptor_writer.h"
#include "controller/cli/follow/followed_job.h"
#include "controller/cli/follow/interrupts.h"
#include "controller/cli/follow/job_control.h"
#include "controller/cli/follow/live_region.h"
#include "controller/cli/follow/live_view.h"
#include "controller/cli/follow/output_view.h"
#include "controller/cli/follow/signal_pipe.h"
#include "controller/cli/follow/watch_reader.h"
#include "controller/cli/input/input_sender.h"

namespace tutti::cli {

// Why the CLI no longer follows.
enum class LeaveReason {
  // The job is over, or all that was asked for came.
  kOver,
  kWaitOver,        // --wait
  kTargetsLost,     // only targets are open whose link is lost for too long
  kControllerLost,  // for longer than FollowerOptions::reconnect
  kDetached,        // by the question or --on-interrupt
  kHungUp,          // SIGHUP, or nobody answered the question
  kLeftStopping,    // while the controller stops the job
  kOutputClosed,    // nobody reads, or nothing can be written
  kRefused,         // the controller said no; see Follower::error
};

struct FollowerOptions {
  v1::JobSelector job;
  // False: only what is known now.
  bool follow = true;
  // False: states only.
  bool output = true;
  InterruptPolicy on_interrupt = InterruptPolicy::kLeave;
  std::optional<absl::Duration> wait;
  // How long a lost controller is waited for.
  absl::Duration reconnect = absl::Seconds(60);
  // Only these targets.
  std::optional<TargetExpression> selection;
  // Only this attempt, and its tasks; 0: each task's newest.
  uint32_t attempt = 0;
  // Only what comes behind these places.
  std::vector<v1::TaskCursor> start;
  // With `follow`: tells the view where what is known now ends.
  bool catch_up = false;
  // No live view, and no word about connections that were lost.
  bool quiet = false;
  // The CLI itself has just started the job.
  bool just_started = false;
  // Feeds the job; borrowed. Null: nobody does. A job that is left before all
  // of its input was given is stopped.
  InputSender* input = nullptr;
  // What comes is taken by us alone: a job that is left before its end is
  // stopped.
  bool needs_reader = false;
  // Another terminal shows through: its output is all that is shown.
  bool terminal = false;
};

// Follows one job once. Not thread-safe; reads and calls on threads of its
// own inside.
class Follower final : private JobListener {
 public:
  // Gives a channel to the next controller of those there are, in turn.
  using Dial = std::function<std::shared_ptr<grpc::Channel>()>;
  // Makes the view when the job is known.
  using MakeView =
      std::function<std::unique_ptr<OutputView>(const FollowedJob&, Sinks)>;

  // Begins with `channel`; when its controller is lost, `dial` gives others.
  // `signals` may have been made earlier, so that none is missed.
  Follower(const Context& context, std::shared_ptr<grpc::Channel> channel,
           Dial dial, FollowerOptions options, SignalPipe& signals,
           MakeView make_view);
  ~Follower() override;

  LeaveReason Run();
  // Ends the view, with everything written that somebody still reads.
  absl::Status Finish(int exit_status);
  // After Finish: nothing is left that somebody was to get.
  bool wrote_all();

  const FollowedJob& job() const { return job_; }
  // Ctrl-C stopped the job.
  bool interrupted() const { return interrupts_.stopped_by_interrupt(); }
  // The signal that came, unless the answer to its question was to go on; of
  // several SIGINT, or the last.
  std::optional<int> signal() const { return signal_; }
  // With kRefused, and the write error with kOutputClosed.
  const absl::Status& error() const { return error_; }
  absl::Duration elapsed() const;
  // It was left before all of its input was given, or what it sends was taken.
  bool stopped_alone() const { return stopped_alone_; }

 private:
  absl::Status OnJob() override;
  void OnOutput(size_t task, const OutputPiece& piece) override;
  void OnAttempt(size_t task) override;
  void OnStatus(size_t task) override;

  // By a clock that does not jump.
  static absl::Time Now();
  absl::Time NextDeadline() const;
  void WaitForEvents();
  void StartStream();
  // The same at the next controller.
  void Redial();
  void TakeMessages();
  // Says once what a job that is BLOCKED waits for.
  void TellBlocked();
  void OnStreamEnd(const grpc::Status& status);
  void OnTime();
  void TakeSignals();
  void Remember(int signal);
  void TakeKey();
  void TakeAnswers();
  // What has become of the input.
  void TakeInput();
  // Before a job is left that can not go on without us.
  void StopAlone();
  void On(InterruptEvent event);
  void Do(InterruptAction action);
  // Ends the loop, after requests that are still under way.
  void Leave(LeaveReason reason);
  // A line "tutti: ..." on standard error.
  void Say(std::string_view text);
  void Draw();
  // Draws soon, where there is something to draw.
  void DrawSoon();
  // Moves what the view wrote to the terminal, around the live view; where
  // there is one, not more often than the eye follows.
  void PassOn();
  void PassOnNow();

  const Context& context_;
  // To the controller that is listened to.
  std::shared_ptr<grpc::Channel> channel_;
  const Dial dial_;
  const FollowerOptions options_;
  SignalPipe& signals_;
  const MakeView make_view_;
  // Standard error is a terminal.
  const bool has_screen_;
  // How far the job is is shown there.
  const bool live_;

  StandardStreams streams_;
  // What the view wrote; only used with a screen, where the live view must be
  // erased first.
  std::string staged_output_;
  std::string staged_error_;
  LiveView screen_;
  std::unique_ptr<KeyReader> keys_;
  Interrupts interrupts_;
  std::optional<int> signal_;
  JobControl control_;
  FollowedJob job_;
  std::unique_ptr<OutputView> view_;
  std::unique_ptr<WatchReader> reader_;

  const absl::Time began_;
  // When the last break began; not set while messages come.
  std::optional<absl::Time> lost_since_;
  // What was known at the beginning came, or nobody asked for the difference.
  bool caught_up_;
  bool told_lost_ = false;
  bool told_blocked_ = false;
  // When to turn to the next controller, unless this one answers.
  absl::Time retry_at_ = absl::InfiniteFuture();
  absl::Duration backoff_;
  absl::Time draw_at_ = absl::InfiniteFuture();
  // When a window that was resized is believed to keep its size.
  absl::Time settled_at_ = absl::InfinitePast();
  absl::Time passed_on_ = absl::InfinitePast();
  // When what is staged is to be passed on.
  absl::Time pass_on_at_ = absl::InfiniteFuture();
  // The end was decided; requests may be under way until then.
  std::optional<LeaveReason> leaving_;
  absl::Time leave_at_ = absl::InfiniteFuture();
  bool stopped_alone_ = false;
  bool done_ = false;
  absl::Status error_;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_FOLLOWER_H_
