// Random orders of work, breaks and restarts around one agent's core. What
// must hold in every one of them: the controller gets every byte exactly once
// and in order before the final state, each process is started once, and all
// is released in the end. If this fails, output is lost, doubled or mixed
// after a break, or a job hangs for ever, perhaps because it was never resumed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <utility>

#include "common/relay/core.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_fleet_ends.h"
#include "tests/support/fake_relay_ports.h"

namespace tutti::testing {
namespace {

class Simulation {
 public:
  explicit Simulation(uint32_t seed) : random_(seed) {
    controller_port_.session_room = 1 + random_() % 4;
    controller_port_.bulk_room = 1 + random_() % 3;
    StartAgent();
  }

  void Run() {
    for (int step = 0; step < 3000; ++step) RandomStep();
    Settle();
  }

  void Check() {
    EXPECT_THAT(controller_.breaches, ::testing::IsEmpty());
    EXPECT_TRUE(controller_.all_final());
    EXPECT_TRUE(runner_.all_final());
    EXPECT_EQ(runner_.held(), 0);
    EXPECT_EQ(core_->attempt_count(), 0u);
    for (const auto& [name, starts] : runner_.starts) EXPECT_EQ(starts, 1);
  }

 private:
  bool Chance(unsigned one_in) { return random_() % one_in == 0; }

  void RandomStep() {
    clock_.Advance(absl::Milliseconds(random_() % 100));
    if (tasks_ < 12 && session_up_ && Chance(100)) Assign();
    if (tasks_ > 0 && session_up_ && Chance(300)) {
      controller_.Stop(Key(static_cast<int>(random_() % tasks_)));
    }
    if (tasks_ > 0 && session_up_ && Chance(150)) {
      controller_.Suspend(Key(static_cast<int>(random_() % tasks_)), Chance(2));
    }
    if (Chance(150)) BreakSession();
    if (Chance(150)) BreakBulk();
    if (Chance(200)) BreakRunner();
    if (Chance(400)) RestartController();
    if (Chance(400)) StartAgent();
    if (Chance(700)) clock_.Advance(absl::Seconds(12));
    Work();
  }

  // One thing that happens without a fault.
  void Work() {
    switch (random_() % 8) {
      case 0:
        if (!session_up_ && Chance(3)) OpenSession();
        break;
      case 1:
        if (!runner_port_.connected && Chance(3)) ConnectRunner();
        break;
      case 2:
        runner_.Step();
        break;
      case 3:
        if (session_up_) controller_.Flush();
        break;
      case 4:
        DeliverFromRunner();
        break;
      case 5:
        DeliverToRunner();
        break;
      case 6:
        DeliverFromController();
        break;
      case 7:
        DeliverToController();
        break;
    }
    core_->OnTime();
    core_->Flush();
    if (!controller_port_.restart.ok()) BreakSession();
  }

  void Settle() {
    controller_.ResumeAll();
    for (int step = 0; step < 60'000; ++step) {
      clock_.Advance(absl::Milliseconds(10));
      Work();
      const bool quiet = controller_.all_final() && runner_.held() == 0 &&
                         core_->attempt_count() == 0;
      if (quiet && runner_port_.messages.empty() && runner_.all_final()) break;
    }
  }

  static v1::AttemptKey Key(int task) {
    v1::AttemptKey key;
    key.set_job_uuid(std::string(16, 'j'));
    key.set_attempt(1);
    key.set_target("task" + std::to_string(task));
    return key;
  }

  void Assign() { controller_.Assign(Key(tasks_++)); }

  void StartAgent() {
    CloseSession();
    runner_port_.connected = false;
    runner_port_.messages.clear();
    runner_.out.clear();
    core_ = std::make_unique<relay::Core>(host_, clock_, controller_port_,
                                          runner_port_, spool_);
  }

  void OpenSession() {
    session_up_ = true;
    controller_port_.session.clear();
    core_->OnSessionOpened();
  }

  void CloseSession() {
    session_up_ = false;
    controller_port_.session.clear();
    controller_port_.bulk.clear();
    controller_port_.bulk_open = false;
    controller_port_.restart = absl::OkStatus();
    controller_.OnSessionClosed();
  }

  void BreakSession() {
    if (!session_up_) return;
    CloseSession();
    core_->OnSessionClosed();
  }

  void BreakBulk() {
    if (!controller_port_.bulk_open) return;
    const bool anything_sent =
        controller_port_.bulk_messages >
            static_cast<int>(controller_port_.bulk.size()) ||
        (!controller_port_.bulk.empty() && Chance(2));
    controller_port_.bulk.clear();
    controller_port_.bulk_open = false;
    controller_port_.bulk_messages = 0;
    core_->OnBulkClosed(anything_sent);
  }

  void BreakRunner() {
    if (!runner_port_.connected) return;
    runner_port_.connected = false;
    runner_port_.messages.clear();
    runner_.out.clear();
    core_->OnRunnerLost();
  }

  void ConnectRunner() {
    runner_port_.connected = true;
    runner_.List();
  }

  void RestartController() {
    controller_.Restart();
    BreakSession();
  }

  void DeliverFromRunner() {
    if (!runner_port_.connected) {
      runner_.out.clear();
      return;
    }
    if (runner_.out.empty()) return;
    core_->OnRunnerMessage(std::move(runner_.out.front()));
    runner_.out.pop_front();
  }

  void DeliverToRunner() {
    if (runner_port_.messages.empty()) return;
    runner_.Take(runner_port_.messages.front());
    runner_port_.messages.pop_front();
  }

  void DeliverFromController() {
    if (!session_up_ || controller_.out.empty()) return;
    v1::SessionResponse message = std::move(controller_.out.front());
    controller_.out.pop_front();
    // Acknowledgements come over either stream, what should be over this one.
    if (message.has_directives() && controller_port_.bulk_open && Chance(2)) {
      v1::SendOutputResponse response;
      *response.mutable_attempts() = message.directives().attempts();
      core_->OnBulkMessage(response);
    }
    core_->OnSessionMessage(std::move(message));
  }

  // The two streams are each in order, but not with each other.
  void DeliverToController() {
    if (!controller_port_.bulk.empty() && Chance(2)) {
      controller_.TakeOutput(controller_port_.bulk.front());
      controller_port_.bulk.pop_front();
      core_->OnBulkWritable();
      return;
    }
    if (controller_port_.session.empty()) return;
    controller_.TakeSession(controller_port_.session.front());
    controller_port_.session.pop_front();
    core_->OnSessionWritable();
  }

  std::mt19937 random_;
  FakeClock clock_;
  FakeSpool spool_;
  FakeControllerPort controller_port_;
  FakeRunnerPort runner_port_;
  FakeRunner runner_{spool_, random_};
  FakeController controller_{spool_, random_};
  relay::HostDescription host_;
  std::unique_ptr<relay::Core> core_;
  bool session_up_ = false;
  int tasks_ = 0;
};

class CoreSimulation : public ::testing::TestWithParam<uint32_t> {};

TEST_P(CoreSimulation, EveryByteArrivesOnceInOrderBeforeTheEnd) {
  for (uint32_t i = 0; i < 25; ++i) {
    const uint32_t seed = GetParam() * 1000 + i;
    SCOPED_TRACE("seed " + std::to_string(seed));
    Simulation simulation(seed);
    simulation.Run();
    simulation.Check();
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, CoreSimulation, ::testing::Range(0u, 8u));

}  // namespace
}  // namespace tutti::testing
