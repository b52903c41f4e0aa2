#include "controller/cli/follow/follower.h"

#include <grpcpp/channel.h>
#include <poll.h>
#include <signal.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/transport/transport.h"
#include "controller/cli/connection.h"
#include "controller/cli/follow/drain.h"

namespace tutti::cli {
namespace {

// A job that is over sooner needs no live view.
constexpr absl::Duration kFirstDraw = absl::Milliseconds(300);
constexpr absl::Duration kClockInterval = absl::Seconds(1);
constexpr absl::Duration kPassOnInterval = absl::Milliseconds(100);
// A window whose size changes changes it again soon; what is drawn for a size
// that it no longer has is not found again.
constexpr absl::Duration kResizeSettles = absl::Milliseconds(150);
constexpr absl::Duration kFirstBackoff = absl::Milliseconds(100);
constexpr absl::Duration kLongestBackoff = absl::Seconds(1);
// A break that is over sooner is not worth a word.
constexpr absl::Duration kTellLost = absl::Seconds(2);
// How long a request (to let go on, to stop) may hold up leaving.
constexpr absl::Duration kLeaveWithin = absl::Seconds(3);
// More unwritten output than this stops the reading.
constexpr size_t kMaxPending = 1 << 20;
// More than this is not held back for the live view.
constexpr size_t kMaxStaged = 64 << 10;

constexpr std::string_view kQuestion =
    "no more targets are started · [s]top the job, [d]etach or [g]o on? ";

}  // namespace

Follower::Follower(const Context& context,
                   std::shared_ptr<grpc::Channel> channel, Dial dial,
                   FollowerOptions options, SignalPipe& signals,
                   MakeView make_view)
    : context_(context),
      channel_(std::move(channel)),
      dial_(std::move(dial)),
      options_(std::move(options)),
      signals_(signals),
      make_view_(std::move(make_view)),
      has_screen_(context.terminal.ErrorIsTerminal() && !options_.terminal),
      live_(has_screen_ && options_.follow && !options_.quiet),
      streams_(context.terminal.output_descriptor(),
               context.terminal.error_descriptor()),
      screen_(context.terminal, {live_, options_.just_started},
              streams_.error().buffer()),
      interrupts_(options_.on_interrupt, context.terminal.CanAsk()),
      control_(channel_, options_.job),
      job_(options_.selection, options_.attempt, options_.start),
      began_(Now()),
      caught_up_(!options_.catch_up),
      backoff_(kFirstBackoff) {
  if (live_) draw_at_ = began_ + kFirstDraw;
}

Follower::~Follower() = default;

absl::Duration Follower::elapsed() const { return Now() - began_; }

absl::Time Follower::Now() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return absl::TimeFromTimespec(now);
}

LeaveReason Follower::Run() {
  StartStream();
  while (!done_) {
    streams_.Flush();
    WaitForEvents();
    TakeSignals();
    TakeAnswers();
    TakeInput();
    TakeMessages();
    OnTime();
    if (streams_.output().closed() && !leaving_) {
      if (streams_.output().error() != EPIPE) {
        error_ = SystemError(streams_.output().error(), "write the output");
      }
      Leave(LeaveReason::kOutputClosed);
    }
  }
  reader_.reset();
  keys_.reset();
  screen_.Erase();
  return *leaving_;
}

absl::Status Follower::Finish(int exit_status) {
  absl::Status status;
  if (view_ != nullptr) status = view_->Finish(exit_status);
  PassOnNow();
  for (const int signal : Drain(streams_, signals_)) Remember(signal);
  return status;
}

bool Follower::wrote_all() {
  return streams_.pending() == 0 && !streams_.output().closed() &&
         !streams_.error().closed();
}

// --- the stream ---

void Follower::StartStream() {
  v1::WatchJobRequest request;
  *request.mutable_job() = options_.job;
  // Whatever `last` means by now.
  if (job_.known()) request.mutable_job()->set_number(job_.job().number());
  request.set_follow(options_.follow && caught_up_);
  request.set_output(options_.output);
  request.set_attempt(options_.attempt);
  for (v1::TaskCursor& cursor : job_.BeginStream()) {
    *request.add_resume() = std::move(cursor);
  }
  reader_.reset();
  reader_ = std::make_unique<WatchReader>(channel_, std::move(request));
  if (!lost_since_) lost_since_ = Now();
  retry_at_ = Now() + kConnectTimeout;
}

void Follower::Redial() {
  reader_.reset();
  channel_ = dial_();
  control_.Use(channel_);
  if (options_.input != nullptr) options_.input->Use(channel_);
  StartStream();
}

void Follower::TakeMessages() {
  while (!done_ && reader_ != nullptr && streams_.pending() < kMaxPending) {
    std::optional<WatchReader::Event> event = reader_->Take();
    if (!event) break;
    if (event->message == nullptr) {
      OnStreamEnd(event->status);
      break;
    }
    if (told_lost_ && !options_.quiet) Say("the controller is back");
    lost_since_.reset();
    told_lost_ = false;
    retry_at_ = absl::InfiniteFuture();
    backoff_ = kFirstBackoff;
    if (absl::Status status = job_.Apply(*event->message, *this);
        !status.ok()) {
      error_ = std::move(status);
      Leave(LeaveReason::kRefused);
    }
    TellBlocked();
    PassOn();
    streams_.Flush();
  }
  if (options_.follow && job_.settled() && job_.lost_count() > 0) {
    Leave(LeaveReason::kTargetsLost);
  }
}

void Follower::TellBlocked() {
  const bool blocked = job_.job().state() == v1::JOB_STATE_BLOCKED;
  if (blocked && !told_blocked_) {
    const uint64_t number = job_.job().number();
    Say(fmt::format(
        "job {} is BLOCKED: not all of its canary completed; `tutti "
        "job approve {}` starts the others, `tutti job stop {}` "
        "ends it",
        number, number, number));
  }
  told_blocked_ = blocked;
}

void Follower::OnStreamEnd(const grpc::Status& status) {
  reader_.reset();
  if (status.ok() && options_.follow && !caught_up_) {
    caught_up_ = true;
    view_->OnCaughtUp();
    PassOn();
    StartStream();
  } else if (status.ok()) {
    Leave(LeaveReason::kOver);
  } else if (!IsPassing(status.error_code())) {
    error_ = FromGrpc(status);
    Leave(LeaveReason::kRefused);
  } else {
    if (!lost_since_) lost_since_ = Now();
    retry_at_ = Now() + backoff_;
    backoff_ = std::min(backoff_ * 2, kLongestBackoff);
  }
}

absl::Status Follower::OnJob() {
  if (job_.selected_count() == 0) {
    return InvalidArgument(
        "job {} has no such target; it ran on {}, look at `tutti job show {}`",
        job_.job().number(), job_.job().targets(), job_.job().number());
  }
  if (!has_screen_) {
    view_ = make_view_(job_,
                       {streams_.output().buffer(), streams_.error().buffer()});
  } else if (streams_.shared()) {
    // In order, where both lead to one terminal.
    view_ = make_view_(job_, {staged_output_, staged_output_});
  } else {
    view_ = make_view_(job_, {staged_output_, staged_error_});
  }
  return absl::OkStatus();
}

void Follower::OnOutput(size_t task, const OutputPiece& piece) {
  view_->OnOutput(task, piece);
}

void Follower::OnAttempt(size_t task) { view_->OnAttempt(task); }

void Follower::OnStatus(size_t task) { view_->OnStatus(task); }

// --- waiting ---

absl::Time Follower::NextDeadline() const {
  absl::Time deadline = std::min({retry_at_, draw_at_, pass_on_at_, leave_at_});
  if (options_.wait) deadline = std::min(deadline, began_ + *options_.wait);
  if (lost_since_) {
    deadline = std::min(deadline, *lost_since_ + options_.reconnect);
    if (!told_lost_) deadline = std::min(deadline, *lost_since_ + kTellLost);
  }
  return deadline;
}

void Follower::WaitForEvents() {
  std::vector<pollfd> waits = {{signals_.descriptor(), POLLIN, 0},
                               {control_.descriptor(), POLLIN, 0}};
  if (reader_ != nullptr && streams_.pending() < kMaxPending) {
    waits.push_back({reader_->descriptor(), POLLIN, 0});
  }
  if (streams_.output().pending() > 0) {
    waits.push_back({streams_.output().descriptor(), POLLOUT, 0});
  }
  if (!streams_.shared() && streams_.error().pending() > 0) {
    waits.push_back({streams_.error().descriptor(), POLLOUT, 0});
  }
  if (options_.input != nullptr) {
    waits.push_back({options_.input->descriptor(), POLLIN, 0});
  }
  if (keys_ != nullptr) waits.push_back({keys_->descriptor(), POLLIN, 0});
  const absl::Duration left =
      std::max(NextDeadline() - Now(), absl::ZeroDuration());
  const timespec timeout = absl::ToTimespec(std::min(left, absl::Hours(24)));
  ppoll(waits.data(), waits.size(), &timeout, nullptr);
  if (keys_ != nullptr && waits.back().revents != 0) TakeKey();
}

void Follower::OnTime() {
  const absl::Time now = Now();
  if (now >= leave_at_) done_ = true;
  if (options_.wait && now >= began_ + *options_.wait) {
    Leave(LeaveReason::kWaitOver);
  }
  if (lost_since_ && now >= *lost_since_ + options_.reconnect) {
    Leave(LeaveReason::kControllerLost);
  }
  if (done_ || leaving_) return;
  if (lost_since_ && !told_lost_ && now >= *lost_since_ + kTellLost) {
    told_lost_ = true;
    if (!options_.quiet) {
      Say(
          fmt::format("the connection to the controller is lost; trying again "
                      "for {}",
                      RoundDuration(options_.reconnect)));
    }
  }
  if (now >= retry_at_) {
    // A controller that is there may take its time to answer.
    const bool connected =
        reader_ != nullptr &&
        channel_->GetState(/*try_to_connect=*/false) == GRPC_CHANNEL_READY;
    if (connected) {
      retry_at_ = now + kConnectTimeout;
    } else {
      Redial();
    }
  }
  if (now >= pass_on_at_) PassOnNow();
  if (now >= draw_at_) Draw();
}

void Follower::Leave(LeaveReason reason) {
  if (leaving_) return;
  if (reason != LeaveReason::kOver) StopAlone();
  leaving_ = reason;
  leave_at_ = control_.idle() ? Now() : Now() + kLeaveWithin;
  if (control_.idle()) done_ = true;
}

// --- signals and answers ---

void Follower::TakeSignals() {
  for (const int signal : signals_.TakeAll()) {
    // Whoever insists while requests are under way does not wait for them.
    if (leaving_) done_ = true;
    Remember(signal);
    if (signal == SIGINT) On(InterruptEvent::kInterrupt);
    if (signal == SIGTERM) On(InterruptEvent::kTerminate);
    if (signal == SIGHUP) On(InterruptEvent::kHangUp);
  }
  const bool resized = signals_.TakeResized();
  if (resized && options_.terminal) options_.input->OnResize();
  if (resized && screen_.drawn()) {
    settled_at_ = Now() + kResizeSettles;
    draw_at_ = settled_at_;
  }
}

void Follower::Remember(int signal) {
  // Ctrl-C has a status of its own, whatever else came.
  if (signal_ != SIGINT) signal_ = signal;
}

void Follower::TakeKey() {
  switch (keys_->Take()) {
    case 's':
      return On(InterruptEvent::kAnswerStop);
    case 'd':
      return On(InterruptEvent::kAnswerDetach);
    case 'g':
      signal_.reset();
      return On(InterruptEvent::kAnswerGoOn);
    case 0:
      return On(InterruptEvent::kNoAnswer);
    default:
      return;
  }
}

void Follower::TakeAnswers() {
  control_.ClearWake();
  if (const absl::Status error = control_.TakeError(); !error.ok()) {
    Say(std::string(error.message()));
  }
  if (leaving_ && control_.idle()) done_ = true;
}

void Follower::On(InterruptEvent event) {
  if (leaving_) return;
  for (const InterruptAction action : interrupts_.On(event)) Do(action);
}

void Follower::Do(InterruptAction action) {
  switch (action) {
    case InterruptAction::kHold:
      return control_.Send(JobRequest::kHold);
    case InterruptAction::kRelease:
      return control_.Send(JobRequest::kRelease);
    case InterruptAction::kAsk:
      keys_ = std::make_unique<KeyReader>();
      return Draw();
    case InterruptAction::kUnask:
      keys_.reset();
      return Draw();
    case InterruptAction::kStop:
      control_.Send(JobRequest::kStop);
      return Say(fmt::format(
          "stopping the job; {} leaves that to the controller",
          context_.terminal.CanAsk() ? "Ctrl-C again" : "a second signal"));
    case InterruptAction::kDetach:
      return Leave(LeaveReason::kDetached);
    case InterruptAction::kDetachHungUp:
      return Leave(LeaveReason::kHungUp);
    case InterruptAction::kLeaveStopping:
      return Leave(LeaveReason::kLeftStopping);
  }
}

// --- the screen ---

void Follower::Say(std::string_view text) {
  const bool was_drawn = screen_.drawn();
  screen_.Erase();
  // Nobody turns line ends into new lines while another terminal shows through.
  streams_.error().buffer() += fmt::format("tutti: {}{}\n", Sanitize(text),
                                           options_.terminal ? "\r" : "");
  if (was_drawn) screen_.DrawAgain();
  DrawSoon();
}

void Follower::PassOn() {
  const size_t staged = staged_output_.size() + staged_error_.size();
  const absl::Time next = std::max(passed_on_ + kPassOnInterval, settled_at_);
  if (staged == 0) {
    DrawSoon();
  } else if (screen_.drawn() && staged < kMaxStaged && Now() < next) {
    pass_on_at_ = next;
  } else {
    PassOnNow();
  }
}

void Follower::PassOnNow() {
  const bool was_drawn = screen_.drawn();
  screen_.Erase();
  // What reads the output may write to this terminal as well.
  if (!streams_.shared()) streams_.error().Flush();
  streams_.output().buffer() += std::exchange(staged_output_, {});
  streams_.error().buffer() += std::exchange(staged_error_, {});
  if (was_drawn && streams_.shared()) screen_.DrawAgain();
  passed_on_ = Now();
  pass_on_at_ = absl::InfiniteFuture();
  DrawSoon();
}

void Follower::DrawSoon() {
  if (!live_ && !interrupts_.asking()) return;
  const absl::Time soon =
      std::max({Now() + screen_.interval(), began_ + kFirstDraw, settled_at_});
  draw_at_ = std::min(draw_at_, soon);
}

void Follower::Draw() {
  const absl::Time now = Now();
  // A terminal that takes nothing wants no more.
  if (streams_.error().pending() > kMaxStaged) {
    draw_at_ = now + screen_.interval();
    return;
  }
  draw_at_ = live_ ? now + std::max(kClockInterval, screen_.interval())
                   : absl::InfiniteFuture();
  screen_.Draw(job_, view_.get(), interrupts_.asking() ? kQuestion : "",
               {context_.clock.Now(), elapsed()});
}

}  // namespace tutti::cli
