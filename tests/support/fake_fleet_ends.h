// The two ends that an agent's core joins, for simulations: a runner with a
// ledger and a controller with a journal, both of which can be restarted.
#ifndef TESTS_SUPPORT_FAKE_FLEET_ENDS_H_
#define TESTS_SUPPORT_FAKE_FLEET_ENDS_H_

#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/support/fake_relay_ports.h"
#include "tutti/runner/v1/runner.pb.h"
#include "tutti/v1/agents.pb.h"

namespace tutti::testing {

// Runs attempts that write random output and end.
class FakeRunner {
 public:
  FakeRunner(FakeSpool& spool, std::mt19937& random)
      : spool_(spool), random_(random) {}

  void Take(const FakeRunnerPort::Message& message);
  // One attempt that is not suspended does something: writes, or ends.
  void Step();
  // What a connect answers with: welcome, listing, end of the listing.
  void List();

  // To the agent.
  std::deque<runner::v1::RunnerMessage> out;

  // How often each attempt's process was started, by KeyBytes.
  std::map<std::string, int> starts;
  // Attempts that are not released.
  int held() const;
  bool all_final() const;

 private:
  struct Attempt {
    v1::AttemptKey key;
    v1::AttemptStatus status;
    int writes_left = 0;
    size_t write_size = 0;
    bool released = false;
  };
  void Report(const Attempt& attempt);

  FakeSpool& spool_;
  std::mt19937& random_;
  std::map<std::string, Attempt> attempts_;
};

// Receives by the rules of the protocol, and notes every breach of them.
class FakeController {
 public:
  FakeController(FakeSpool& spool, std::mt19937& random)
      : spool_(spool), random_(random) {}

  void Assign(const v1::AttemptKey& key);
  void Stop(const v1::AttemptKey& key);
  void Suspend(const v1::AttemptKey& key, bool suspend);
  // Whatever is suspended goes on.
  void ResumeAll();
  void TakeSession(const v1::SessionRequest& request);
  void TakeOutput(const v1::SendOutputRequest& request);
  // Acknowledges what came, and journals what ended.
  void Flush();
  void OnSessionClosed() { out.clear(); }
  // The memory is lost, the journal is not.
  void Restart();

  // To the agent's session.
  std::deque<v1::SessionResponse> out;
  std::vector<std::string> breaches;
  bool all_final() const;

 private:
  struct Task {
    v1::AttemptKey key;
    // In the journal.
    bool final = false;
    bool stop = false;
    bool suspend = false;
    // In memory.
    uint64_t expected = 0;
    uint64_t acknowledged = 0;
    uint64_t granted = 0;
    std::map<int, std::string> received;
    bool ended = false;
  };
  v1::AttemptDirective Direct(Task& task);
  void TakeReport(const v1::AttemptReport& report);
  void TakeChunk(Task& task, const v1::OutputChunk& chunk);
  void SendAssignment(const Task& task);
  void Breach(const Task& task, std::string text);

  FakeSpool& spool_;
  std::mt19937& random_;
  std::map<std::string, Task> tasks_;
};

}  // namespace tutti::testing

#endif  // TESTS_SUPPORT_FAKE_FLEET_ENDS_H_
