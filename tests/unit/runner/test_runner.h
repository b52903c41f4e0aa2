// A real runner in a thread of the test, with a client that remembers what it
// was told.
#ifndef TESTS_UNIT_RUNNER_TEST_RUNNER_H_
#define TESTS_UNIT_RUNNER_TEST_RUNNER_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "agent/runner/server/runner_server.h"
#include "common/base/mutex.h"
#include "common/runner_client/runner_client.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/signing/test_fleet.h"

namespace tutti::testing {

// The one target that the runners of tests stand for, of the fleet "demo".
inline constexpr char kRunnerTarget[] = "web01";

// Signed by `by` and ready for a runner of that target.
runner::v1::StartAttempt MakeStart(const v1::JobSpec& spec,
                                   const Credentials& by);

// Aborts when the runner can not be made, which is no test's subject.
class TestRunner {
 public:
  // Without a state directory it gets one of its own.
  explicit TestRunner(runner::RunnerServer::Options options = {});
  ~TestRunner();

  // A runner of the same state directory takes over, as after a restart.
  void Restart();
  void ShutDown();

  // A spec of this fleet and target with these arguments.
  static v1::JobSpec Spec(const std::vector<std::string>& arguments);
  static v1::AttemptKey KeyOf(const v1::JobSpec& spec);
  // Signs and starts.
  v1::AttemptKey Start(const v1::JobSpec& spec);
  // Signs and asks whether it would start; waits for the answer.
  v1::AttemptVerdict Check(const v1::JobSpec& spec);
  // To the end; the final state.
  runner::v1::AttemptState Run(const v1::JobSpec& spec);
  runner::v1::AttemptState RunShell(const std::string& text);

  // Waits, at most a minute, until an attempt's newest state fulfils it.
  runner::v1::AttemptState WaitFor(
      const v1::AttemptKey& key,
      const std::function<bool(const runner::v1::AttemptState&)>& condition);
  runner::v1::AttemptState WaitForEnd(const v1::AttemptKey& key);
  // How many states of an attempt have come.
  int StatesSeen(const v1::AttemptKey& key) const;
  // The listing after the newest connect is complete.
  void WaitForListing();
  void ForgetStates();
  // The newest of every attempt, once a listing is complete.
  std::vector<runner::v1::AttemptState> States();

  // What the spool holds, up to the newest known end.
  std::string Output(const v1::AttemptKey& key, v1::OutputStream stream);
  std::string SpoolPath(const v1::AttemptKey& key) const;

  RunnerClient& client() { return *client_; }
  const TemporaryDirectory& directory() const { return directory_; }
  const std::string& state_directory() const {
    return options_.state_directory;
  }
  FakeClock& clock() { return clock_; }

 private:
  void Begin();
  void OnMessage(runner::v1::RunnerMessage message);

  TemporaryDirectory directory_;
  FakeClock clock_;
  const TestFleet fleet_{"demo"};
  const Credentials alice_ = fleet_.MakeOperator("alice");
  const runner::AllowEveryOperator policy_;
  runner::Verifier verifier_;
  runner::RunnerServer::Options options_;
  struct Seen {
    int count = 0;
    runner::v1::AttemptState newest;
  };
  mutable Mutex mutex_;
  CondVar changed_;
  std::map<std::string, Seen> seen_ ABSL_GUARDED_BY(mutex_);
  bool listed_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<v1::AttemptVerdict> verdict_ ABSL_GUARDED_BY(mutex_);

  // Last: their threads use what stands above.
  std::unique_ptr<runner::RunnerServer> server_;
  std::thread thread_;
  std::unique_ptr<RunnerClient> client_;
};

}  // namespace tutti::testing

#endif  // TESTS_UNIT_RUNNER_TEST_RUNNER_H_
