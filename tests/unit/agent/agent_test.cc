// One agent with real connections: if these fail, agents do not come back
// after a break, or come back in a way that they should not.
#include "agent/session/agent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "tests/support/fake_relay_ports.h"
#include "tests/unit/agent/scripted_controller.h"

namespace tutti::testing {
namespace {

using SessionStream = ScriptedController::SessionStream;

v1::AttemptKey Key() {
  v1::AttemptKey key;
  key.set_job_uuid(std::string(16, 'j'));
  key.set_attempt(1);
  key.set_target("web01");
  return key;
}

// Ends every attempt as soon as it is started.
class InstantRunner final : public relay::RunnerPort {
 public:
  InstantRunner(Executor& executor, FakeSpool& spool)
      : executor_(executor), spool_(spool) {}
  void SetAgent(agent::Agent* agent) { agent_ = agent; }

  void List() {
    runner::v1::RunnerMessage message;
    message.mutable_welcome();
    agent_->OnRunnerMessage(message);
    message.mutable_listing_complete();
    agent_->OnRunnerMessage(message);
  }
  void Start(const v1::AssignTask& task) override {
    runner::v1::RunnerMessage message;
    *message.mutable_state()->mutable_key() = task.key();
    message.mutable_state()->mutable_status()->set_state(
        v1::TASK_STATE_COMPLETED);
    message.mutable_state()->set_end_position(spool_.End(task.key()));
    executor_.Post([this, message] { agent_->OnRunnerMessage(message); });
  }
  void Stop(const v1::AttemptKey&, const v1::StopRule&) override {}
  void Suspend(const v1::AttemptKey&, bool) override {}
  void GiveInput(const v1::AttemptKey&, const std::string&) override {}
  void AcknowledgeOutput(const v1::AttemptKey&, uint64_t) override {}
  void Release(const v1::AttemptKey&) override { released_.set_value(); }

  bool WaitForRelease() {
    return released_.get_future().wait_for(std::chrono::seconds(30)) ==
           std::future_status::ready;
  }

 private:
  Executor& executor_;
  FakeSpool& spool_;
  agent::Agent* agent_ = nullptr;
  std::promise<void> released_;
};

// An agent on a thread of its own.
class RunningAgent {
 public:
  RunningAgent(agent::LinkSettings settings, agent::IdentitySource identity,
               FakeSpool& spool)
      : runner_(executor_, spool),
        agent_({host_, clock_, executor_, runner_, spool}, std::move(settings),
               std::move(identity), nullptr) {
    runner_.SetAgent(&agent_);
    executor_.Post([this] {
      runner_.List();
      agent_.Start();
    });
    thread_ = std::thread([this] { executor_.Run(); });
  }
  ~RunningAgent() {
    executor_.Post([this] { agent_.Stop([this] { executor_.Stop(); }); });
    thread_.join();
  }
  InstantRunner& runner() { return runner_; }

 private:
  relay::HostDescription host_{"1", "boot", "host", "Linux", {}};
  SystemClock clock_;
  Executor executor_;
  InstantRunner runner_;
  agent::Agent agent_;
  std::thread thread_;
};

agent::LinkSettings Settings(std::vector<std::string> controllers) {
  agent::LinkSettings settings;
  settings.controllers = std::move(controllers);
  settings.first_backoff = absl::Milliseconds(1);
  settings.refused_backoff = absl::Milliseconds(20);
  return settings;
}

void Welcome(SessionStream& stream) {
  v1::SessionRequest hello;
  ASSERT_TRUE(stream.Read(&hello));
  ASSERT_TRUE(hello.has_hello());
  v1::SessionResponse welcome;
  welcome.mutable_welcome();
  stream.Write(welcome);
}

void Assign(SessionStream& stream) {
  v1::SessionResponse assign;
  *assign.mutable_assign()->mutable_key() = Key();
  stream.Write(assign);
}

void Forget(SessionStream& stream) {
  v1::SessionResponse forget;
  auto& directive = *forget.mutable_directives()->add_attempts();
  *directive.mutable_key() = Key();
  directive.set_desired(v1::DESIRED_STATE_FORGET);
  stream.Write(forget);
}

// Plays one task to its end.
grpc::Status PlayTask(SessionStream& stream) {
  Welcome(stream);
  Assign(stream);
  v1::SessionRequest report;
  while (stream.Read(&report)) {
    if (report.report().attempts(0).status().state() ==
        v1::TASK_STATE_COMPLETED) {
      Forget(stream);
    }
  }
  return grpc::Status::OK;
}

TEST(AgentTest, ATaskGoesDownAndItsEndComesUp) {
  FakeSpool spool;
  ScriptedController controller({PlayTask});
  RunningAgent agent(
      Settings({controller.address()}), [&] { return controller.AgentTls(); },
      spool);
  EXPECT_TRUE(agent.runner().WaitForRelease());
}

TEST(AgentTest, ComesBackAfterEveryKindOfEnd) {
  FakeSpool spool;
  ScriptedController controller(
      {[](SessionStream&) {
         return grpc::Status(grpc::StatusCode::UNAVAILABLE, "it drains");
       },
       [](SessionStream& stream) {
         Welcome(stream);
         return grpc::Status::OK;
       },
       [](SessionStream&) {
         return grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "removed");
       },
       PlayTask});
  RunningAgent agent(
      Settings({controller.address()}), [&] { return controller.AgentTls(); },
      spool);
  EXPECT_TRUE(agent.runner().WaitForRelease());
  EXPECT_EQ(controller.sessions(), 4);
}

TEST(AgentTest, TriesTheNextControllerWhenOneIsDown) {
  FakeSpool spool;
  ScriptedController controller({PlayTask});
  // Nobody listens on port 1.
  RunningAgent agent(
      Settings({"127.0.0.1:1", controller.address()}),
      [&] { return controller.AgentTls(); }, spool);
  EXPECT_TRUE(agent.runner().WaitForRelease());
}

TEST(AgentTest, DoesNotDialWithAnExpiredCertificate) {
  FakeSpool spool;
  ScriptedController controller({PlayTask});
  std::atomic<int> asked = 0;
  RunningAgent agent(
      Settings({controller.address()}),
      [&]() -> absl::StatusOr<ClientTls> {
        if (++asked <= 3) {
          return controller.AgentTls(-absl::Minutes(1));
        }
        return controller.AgentTls();
      },
      spool);
  EXPECT_TRUE(agent.runner().WaitForRelease());
  EXPECT_EQ(controller.sessions(), 1);
}

TEST(AgentTest, LargeOutputComesOverTheSecondConnectionBeforeTheEnd) {
  FakeSpool spool;
  for (int i = 0; i < 50; ++i) {
    spool.Append(Key(), v1::OUTPUT_STREAM_STDOUT, std::string(60'000, 'x'));
  }
  std::atomic<uint64_t> received = 0;
  ScriptedController controller(
      {PlayTask}, [&](ScriptedController::OutputStream& stream) {
        v1::SendOutputRequest request;
        while (stream.Read(&request)) {
          v1::SendOutputResponse response;
          v1::AttemptDirective& directive = *response.add_attempts();
          *directive.mutable_key() = request.key();
          directive.set_desired(v1::DESIRED_STATE_RUN);
          for (const auto& chunk : request.output()) {
            received += chunk.data().size();
            directive.set_acknowledged_position(chunk.next_position());
          }
          stream.Write(response);
        }
        return grpc::Status::OK;
      });
  RunningAgent agent(
      Settings({controller.address()}), [&] { return controller.AgentTls(); },
      spool);
  EXPECT_TRUE(agent.runner().WaitForRelease());
  EXPECT_EQ(received, 3'000'000u);
}

TEST(AgentTest, GivesUpASessionThatIsNotWelcomed) {
  FakeSpool spool;
  ScriptedController controller({[](SessionStream& stream) {
                                   v1::SessionRequest request;
                                   while (stream.Read(&request)) {
                                   }
                                   return grpc::Status::OK;
                                 },
                                 PlayTask});
  agent::LinkSettings settings = Settings({controller.address()});
  settings.welcome_timeout = absl::Milliseconds(500);
  RunningAgent agent(
      std::move(settings), [&] { return controller.AgentTls(); }, spool);
  EXPECT_TRUE(agent.runner().WaitForRelease());
}

TEST(AgentTest, EndsWhileNobodyAnswers) {
  FakeSpool spool;
  ScriptedController controller({});
  RunningAgent agent(
      Settings({"127.0.0.1:1"}), [&] { return controller.AgentTls(); }, spool);
}

}  // namespace
}  // namespace tutti::testing
