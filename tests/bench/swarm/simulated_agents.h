// Thousands of agents in one process, with the real session code.
#ifndef TESTS_BENCH_SWARM_SIMULATED_AGENTS_H_
#define TESTS_BENCH_SWARM_SIMULATED_AGENTS_H_

#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "agent/session/agent.h"
#include "common/relay/spool_directory.h"
#include "tests/bench/swarm/bench_fleet.h"
#include "tests/bench/swarm/executors.h"

namespace tutti::bench {

// Each agent has its own mutually authenticated connection and certificate.
// They share one thread, as far as gRPC lets them. Public methods are for the
// thread of the benchmark.
class SimulatedAgents {
 public:
  struct Options {
    // What attempts write, with the answering executor: by its name each
    // agent one of these, which are of one length. None: nothing.
    std::vector<std::string> outputs;
    // Socket of the one real runner; empty: the answering executor.
    std::string runner_socket;
  };
  SimulatedAgents(const BenchFleet& fleet, Options options);
  ~SimulatedAgents();
  SimulatedAgents(const SimulatedAgents&) = delete;
  SimulatedAgents& operator=(const SimulatedAgents&) = delete;

  // Connects all, with a bounded number of handshakes under way, and waits
  // until they are welcomed.
  void Connect();
  // Waits until the controller has acknowledged and released all attempts: what
  // is left of one job is not to be counted for the next one.
  void WaitUntilQuiet();
  // What was noted since the last call.
  StartTimes TakeStartTimes();

 private:
  struct OneAgent {
    std::unique_ptr<AnsweringRunner> answering;
    std::unique_ptr<agent::Agent> agent;
  };
  // Runs on the executor's thread and waits for it.
  void OnExecutor(absl::AnyInvocable<void()> work);
  void MakeAgent(int index);
  void ConnectSome();
  void Dispatch(runner::v1::RunnerMessage message);

  const BenchFleet& fleet_;
  const Options options_;
  SystemClock clock_;
  relay::HostDescription host_;
  Executor executor_;
  StartTimes starts_;
  FewOutputs outputs_;
  std::unique_ptr<RunnerClient> client_;
  std::unique_ptr<SharedRunner> shared_;
  relay::SpoolDirectory spool_;
  std::vector<OneAgent> agents_;
  std::unordered_map<std::string, agent::Agent*> by_name_;
  size_t started_ = 0;
  // Before it no agent waits for its welcome.
  size_t welcomed_before_ = 0;
  std::thread thread_;
};

}  // namespace tutti::bench

#endif  // TESTS_BENCH_SWARM_SIMULATED_AGENTS_H_
