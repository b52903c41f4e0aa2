#include "tests/bench/swarm/simulated_agents.h"

#include <algorithm>
#include <future>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "tests/support/wait.h"

namespace tutti::bench {
namespace {

// More would only wait for the controller's two cores, and time out.
constexpr size_t kHandshakesAtOnce = 64;

}  // namespace

SimulatedAgents::SimulatedAgents(const BenchFleet& fleet, Options options)
    : fleet_(fleet), options_(std::move(options)), outputs_(options_.outputs) {
  host_.agent_version = "swarm";
  host_.boot_id = "swarm";
  host_.host_name = "swarm";
  host_.operating_system = "swarm";
  if (!options_.runner_socket.empty()) {
    client_ = std::make_unique<RunnerClient>(
        options_.runner_socket,
        RunnerClient::Callbacks{
            [this](runner::v1::RunnerMessage message) {
              executor_.Post([this, message = std::move(message)]() mutable {
                Dispatch(std::move(message));
              });
            },
            [](absl::Status) {}});
    shared_ = std::make_unique<SharedRunner>(*client_, starts_);
  }
  agents_.resize(static_cast<size_t>(fleet.agent_count()));
  for (int i = 0; i < fleet.agent_count(); ++i) MakeAgent(i);
  thread_ = std::thread([this] { executor_.Run(); });
}

SimulatedAgents::~SimulatedAgents() {
  std::promise<void> stopped;
  size_t running = agents_.size();
  executor_.Post([&] {
    for (OneAgent& one : agents_) {
      one.agent->Stop([&] {
        if (--running == 0) stopped.set_value();
      });
    }
  });
  stopped.get_future().wait();
  client_.reset();
  executor_.Stop();
  thread_.join();
}

void SimulatedAgents::MakeAgent(int index) {
  OneAgent& one = agents_[static_cast<size_t>(index)];
  relay::RunnerPort* port = shared_.get();
  relay::SpoolSource* spool = &spool_;
  if (shared_ == nullptr) {
    one.answering = std::make_unique<AnsweringRunner>(
        executor_, starts_, outputs_.bytes(),
        [&one](runner::v1::RunnerMessage message) {
          one.agent->OnRunnerMessage(std::move(message));
        });
    port = one.answering.get();
    spool = &outputs_;
  }
  agent::LinkSettings settings;
  settings.controllers = {fleet_.address()};
  one.agent = std::make_unique<agent::Agent>(
      agent::Agent::Parts{host_, clock_, executor_, *port, *spool}, settings,
      [this, index]() -> absl::StatusOr<ClientTls> {
        return fleet_.agent(index);
      },
      nullptr);
  by_name_[BenchFleet::AgentName(index)] = one.agent.get();
}

void SimulatedAgents::Dispatch(runner::v1::RunnerMessage message) {
  if (message.has_state()) {
    const auto found = by_name_.find(message.state().key().target());
    if (found != by_name_.end()) {
      found->second->OnRunnerMessage(std::move(message));
    }
    return;
  }
  if (message.has_welcome())
    spool_.SetPath(message.welcome().spool_directory());
  for (OneAgent& one : agents_) one.agent->OnRunnerMessage(message);
}

void SimulatedAgents::OnExecutor(absl::AnyInvocable<void()> work) {
  std::promise<void> done;
  executor_.Post([&] {
    work();
    done.set_value();
  });
  done.get_future().wait();
}

void SimulatedAgents::ConnectSome() {
  while (welcomed_before_ < started_ &&
         agents_[welcomed_before_].agent->link().welcomed()) {
    ++welcomed_before_;
  }
  while (started_ < agents_.size() &&
         started_ < welcomed_before_ + kHandshakesAtOnce) {
    OneAgent& one = agents_[started_++];
    if (one.answering != nullptr) one.answering->Greet();
    one.agent->Start();
  }
}

void SimulatedAgents::Connect() {
  if (client_ != nullptr) {
    testing::WaitUntil([this] {
      bool ready = false;
      OnExecutor([&] { ready = agents_.back().agent->runner_ready(); });
      return ready;
    });
  }
  testing::WaitUntil(
      [this] {
        bool all = false;
        OnExecutor([&] {
          ConnectSome();
          all = welcomed_before_ == agents_.size();
        });
        return all;
      },
      absl::Minutes(5));
}

void SimulatedAgents::WaitUntilQuiet() {
  testing::WaitUntil(
      [this] {
        bool quiet = false;
        OnExecutor([&] {
          quiet = std::all_of(agents_.begin(), agents_.end(),
                              [](const OneAgent& one) {
                                return one.agent->attempt_count() == 0;
                              });
        });
        return quiet;
      },
      absl::Minutes(1));
}

StartTimes SimulatedAgents::TakeStartTimes() {
  StartTimes taken;
  OnExecutor([&] { taken = std::exchange(starts_, {}); });
  return taken;
}

}  // namespace tutti::bench
