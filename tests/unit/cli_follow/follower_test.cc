// The whole loop, against a controller of the test's own in this process.

#include "controller/cli/follow/follower.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/mutex.h"
#include "controller/cli/follow/line_view.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/tcp_proxy.h"
#include "tests/unit/cli_follow/job_messages.h"
#include "tutti/v1/jobs.grpc.pb.h"

namespace tutti::cli {
namespace {

using ::testing::ElementsAre;
using ::tutti::testing::FakeClock;

using Writer = grpc::ServerWriter<v1::WatchJobResponse>;
// Serves one WatchJob call.
using Script = std::function<grpc::Status(grpc::ServerContext&,
                                          const v1::WatchJobRequest&, Writer&)>;

// Serves each call with the next script.
class ScriptedController final : public v1::JobService::Service {
 public:
  explicit ScriptedController(std::vector<Script> scripts)
      : scripts_(std::move(scripts)) {}

  grpc::Status WatchJob(grpc::ServerContext* context,
                        const v1::WatchJobRequest* request,
                        Writer* writer) override {
    Script script;
    {
      MutexLock lock(mutex_);
      script = scripts_.at(served_++);
    }
    return script(*context, *request, *writer);
  }
  grpc::Status StopJob(grpc::ServerContext*, const v1::StopJobRequest*,
                       v1::StopJobResponse*) override {
    Note("stop");
    return grpc::Status::OK;
  }
  grpc::Status HoldJob(grpc::ServerContext*, const v1::HoldJobRequest* request,
                       v1::HoldJobResponse*) override {
    Note(request->hold() ? "hold" : "release");
    return grpc::Status::OK;
  }

  // Waits until a call of that name came.
  void WaitFor(const std::string& call) {
    MutexLock lock(mutex_);
    while (std::find(calls_.begin(), calls_.end(), call) == calls_.end()) {
      called_.Wait(mutex_);
    }
  }
  std::vector<std::string> calls() {
    MutexLock lock(mutex_);
    return calls_;
  }

 private:
  void Note(const std::string& call) {
    MutexLock lock(mutex_);
    calls_.push_back(call);
    called_.NotifyAll();
  }

  Mutex mutex_;
  CondVar called_;
  std::vector<Script> scripts_ ABSL_GUARDED_BY(mutex_);
  size_t served_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::string> calls_ ABSL_GUARDED_BY(mutex_);
};

class FollowerTest : public ::testing::Test {
 protected:
  FollowerTest() {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    read_end_.Reset(ends[0]);
    write_end_.Reset(ends[1]);
  }

  void Serve(std::vector<Script> scripts) {
    controller_ = std::make_unique<ScriptedController>(std::move(scripts));
    grpc::ServerBuilder builder;
    builder.RegisterService(controller_.get());
    server_ = builder.BuildAndStart();
  }

  // The next controller: those of `next_`, then again the one that serves.
  std::shared_ptr<grpc::Channel> Dial() {
    if (next_.empty()) return server_->InProcessChannel({});
    auto channel = std::move(next_.back());
    next_.pop_back();
    return channel;
  }

  // To where nobody listens.
  static std::shared_ptr<grpc::Channel> DeadChannel() {
    return grpc::CreateChannel(
        fmt::format("127.0.0.1:{}", ::tutti::testing::FreePort()),
        grpc::InsecureChannelCredentials());
  }

  LeaveReason Follow(FollowerOptions options) {
    options.job.set_number(17);
    options.quiet = true;
    TUTTI_EXPECT_OK(signals_);
    // Standard input is no terminal in a test.
    const Terminal terminal({0, write_end_.get(), 2});
    Context context{{}, OutputFormat::kTable, {}, terminal, clock_, {}};
    Follower follower(
        context, server_->InProcessChannel({}), [this] { return Dial(); },
        options, **signals_,
        [](const FollowedJob& job, Sinks sinks) {
          return std::make_unique<LineView>(job, LineViewOptions{}, sinks);
        });
    const LeaveReason reason = follower.Run();
    if (before_finish_) before_finish_();
    TUTTI_EXPECT_OK(follower.Finish(0));
    interrupted_ = follower.interrupted();
    signal_ = follower.signal();
    error_ = follower.error();
    return reason;
  }

  // What was written; the pipe holds all of it.
  std::string Output() {
    write_end_.Reset();
    std::string text(1 << 16, '\0');
    const ssize_t count = read(read_end_.get(), text.data(), text.size());
    text.resize(count > 0 ? static_cast<size_t>(count) : 0);
    return text;
  }

  FakeClock clock_;
  std::function<void()> before_finish_;
  absl::StatusOr<std::unique_ptr<SignalPipe>> signals_ = SignalPipe::Make();
  FileDescriptor read_end_;
  FileDescriptor write_end_;
  std::unique_ptr<ScriptedController> controller_;
  std::unique_ptr<grpc::Server> server_;
  std::vector<std::shared_ptr<grpc::Channel>> next_;
  bool interrupted_ = false;
  std::optional<int> signal_;
  absl::Status error_;
};

// A stream on which nothing more comes until the CLI leaves.
void WaitForCancel(grpc::ServerContext& context, Writer& writer) {
  // Writing fails once the call is cancelled; flow control paces it.
  while (!context.IsCancelled() && writer.Write(OutputMessage(0, 1, ""))) {
  }
}

TEST_F(FollowerTest, ShowsAJobToItsEnd) {
  Serve({[](auto&, const auto& request, Writer& writer) {
    EXPECT_TRUE(request.follow());
    EXPECT_TRUE(request.output());
    EXPECT_EQ(request.job().number(), 17u);
    writer.Write(JobMessage("web[1-2]", 2));
    writer.Write(OutputMessage(0, 8, "one\n"));
    writer.Write(OutputMessage(1, 8, "two"));
    writer.Write(StatusMessage(0, Ended(v1::TASK_STATE_COMPLETED, 0)));
    writer.Write(StatusMessage(1, Ended(v1::TASK_STATE_COMPLETED, 0)));
    return grpc::Status::OK;
  }});
  EXPECT_EQ(Follow({}), LeaveReason::kOver);
  EXPECT_EQ(Output(), "web1: one\nweb2: two\n");
}

// The controller restarts in the middle of a line; every byte comes once.
TEST_F(FollowerTest, ComesBackFromWhereItWas) {
  Serve({[](auto&, const auto& request, Writer& writer) {
           EXPECT_EQ(request.resume_size(), 0);
           writer.Write(JobMessage("web[1-2]", 2));
           writer.Write(OutputMessage(1, 8, "one\ntw"));
           return grpc::Status(grpc::StatusCode::UNAVAILABLE, "restarting");
         },
         [](auto&, const auto&, Writer&) {
           return grpc::Status(grpc::StatusCode::UNAVAILABLE, "not yet");
         },
         [](auto&, const auto& request, Writer& writer) {
           EXPECT_EQ(request.resume_size(), 1);
           EXPECT_EQ(request.resume(0).task(), 1u);
           EXPECT_EQ(request.resume(0).position(), 14u);
           writer.Write(JobMessage("web[1-2]", 2));
           writer.Write(OutputMessage(1, 14, "o\n"));
           writer.Write(StatusMessage(1, Ended(v1::TASK_STATE_COMPLETED, 0)));
           return grpc::Status::OK;
         }});
  EXPECT_EQ(Follow({}), LeaveReason::kOver);
  EXPECT_EQ(Output(), "web2: one\nweb2: two\n");
}

// Otherwise a fleet with several controllers is as good as its first one.
TEST_F(FollowerTest, TurnsToTheNextController) {
  Serve({[](auto&, const auto&, Writer& writer) {
           writer.Write(JobMessage("web1", 1));
           return grpc::Status(grpc::StatusCode::UNAVAILABLE, "going down");
         },
         [](auto&, const auto&, Writer& writer) {
           writer.Write(JobMessage("web1", 1));
           writer.Write(OutputMessage(0, 8, "from the third\n"));
           writer.Write(StatusMessage(0, Ended(v1::TASK_STATE_COMPLETED, 0)));
           return grpc::Status::OK;
         }});
  next_.push_back(DeadChannel());
  EXPECT_EQ(Follow({}), LeaveReason::kOver);
  EXPECT_TRUE(next_.empty());
  EXPECT_EQ(Output(), "web1: from the third\n");
}

TEST_F(FollowerTest, RequestsGoToTheNextControllerToo) {
  Serve({});
  v1::JobSelector job;
  job.set_number(17);
  JobControl control(DeadChannel(), job);
  control.Send(JobRequest::kStop);
  control.Use(server_->InProcessChannel({}));
  controller_->WaitFor("stop");
}

TEST_F(FollowerTest, GivesUpOnAControllerThatStaysAway) {
  const Script away = [](auto&, const auto&, Writer&) {
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "away");
  };
  Serve(std::vector<Script>(50, away));
  FollowerOptions options;
  options.reconnect = absl::Milliseconds(150);
  EXPECT_EQ(Follow(options), LeaveReason::kControllerLost);
}

TEST_F(FollowerTest, AJobThatIsNotThereIsNoReasonToTryAgain) {
  Serve({[](auto&, const auto&, Writer&) {
    return grpc::Status(grpc::StatusCode::NOT_FOUND, "no job 17");
  }});
  EXPECT_EQ(Follow({}), LeaveReason::kRefused);
  EXPECT_EQ(error_.code(), absl::StatusCode::kNotFound);
}

TEST_F(FollowerTest, WaitEndsWhileTheJobGoesOn) {
  Serve({[](grpc::ServerContext& context, const auto&, Writer& writer) {
    writer.Write(JobMessage("web1", 1));
    WaitForCancel(context, writer);
    return grpc::Status::OK;
  }});
  FollowerOptions options;
  options.wait = absl::Milliseconds(50);
  EXPECT_EQ(Follow(options), LeaveReason::kWaitOver);
  EXPECT_THAT(controller_->calls(), ElementsAre());
}

// Ctrl-C without a terminal: cron, CI.
TEST_F(FollowerTest, InterruptStopsTheJobAndStaysToItsEnd) {
  ScriptedController* controller = nullptr;
  Serve({[&controller](auto&, const auto&, Writer& writer) {
    writer.Write(JobMessage("web1", 1));
    kill(getpid(), SIGINT);
    controller->WaitFor("stop");
    writer.Write(OutputMessage(0, 8, "last words\n"));
    writer.Write(StatusMessage(0, Status(v1::TASK_STATE_STOPPED)));
    return grpc::Status::OK;
  }});
  controller = controller_.get();
  FollowerOptions options;
  options.on_interrupt = InterruptPolicy::kAsk;
  EXPECT_EQ(Follow(options), LeaveReason::kOver);
  EXPECT_TRUE(interrupted_);
  EXPECT_EQ(signal_, SIGINT);
  EXPECT_EQ(Output(), "web1: last words\n");
}

// If this fails, Ctrl-C while the last rows are written is lost on a series.
TEST_F(FollowerTest, ASignalBehindTheEndOfTheJobIsRemembered) {
  Serve({[](auto&, const auto&, Writer& writer) {
    writer.Write(JobMessage("web1", 1));
    // More than a pipe holds.
    std::string line(1 << 19, 'x');
    line.back() = '\n';
    writer.Write(OutputMessage(0, 8, line));
    writer.Write(StatusMessage(0, Ended(v1::TASK_STATE_COMPLETED, 0)));
    return grpc::Status::OK;
  }});
  before_finish_ = [] { kill(getpid(), SIGINT); };
  EXPECT_EQ(Follow({}), LeaveReason::kOver);
  EXPECT_FALSE(interrupted_);
  EXPECT_EQ(signal_, SIGINT);
}

TEST_F(FollowerTest, HangUpLeavesTheJobAlone) {
  Serve({[](grpc::ServerContext& context, const auto&, Writer& writer) {
    writer.Write(JobMessage("web1", 1));
    kill(getpid(), SIGHUP);
    WaitForCancel(context, writer);
    return grpc::Status::OK;
  }});
  FollowerOptions options;
  options.on_interrupt = InterruptPolicy::kAsk;
  EXPECT_EQ(Follow(options), LeaveReason::kHungUp);
  EXPECT_THAT(controller_->calls(), ElementsAre());
}

TEST_F(FollowerTest, LostTargetsAreNotWaitedFor) {
  Serve({[](grpc::ServerContext& context, const auto&, Writer& writer) {
    writer.Write(JobMessage("web[1-2]", 2));
    writer.Write(StatusMessage(0, Ended(v1::TASK_STATE_COMPLETED, 0)));
    v1::TaskStatus lost = Status(v1::TASK_STATE_DISCONNECTED);
    lost.set_lost(true);
    writer.Write(StatusMessage(1, lost));
    WaitForCancel(context, writer);
    return grpc::Status::OK;
  }});
  EXPECT_EQ(Follow({}), LeaveReason::kTargetsLost);
}

TEST_F(FollowerTest, AReaderThatGoesAwayDetaches) {
  Serve({[](grpc::ServerContext& context, const auto&, Writer& writer) {
    writer.Write(JobMessage("web1", 1));
    writer.Write(OutputMessage(0, 8, "nobody reads this\n"));
    WaitForCancel(context, writer);
    return grpc::Status::OK;
  }});
  read_end_.Reset();
  EXPECT_EQ(Follow({}), LeaveReason::kOutputClosed);
}

}  // namespace
}  // namespace tutti::cli
