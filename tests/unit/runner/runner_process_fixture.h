// A runner in a process of its own, with a client in the agent's place.
#ifndef TESTS_UNIT_RUNNER_RUNNER_PROCESS_FIXTURE_H_
#define TESTS_UNIT_RUNNER_RUNNER_PROCESS_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/mutex.h"
#include "common/identity/identity_directory.h"
#include "common/runner_client/runner_client.h"
#include "tests/support/process.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/signing/test_fleet.h"

namespace tutti::testing {

// With cgroups where this host lets us, and with keepers anyway.
class RunnerProcessTest : public ::testing::TestWithParam<bool> {
 protected:
  RunnerProcessTest();
  ~RunnerProcessTest() override;

  void Connect();

  void Write(const std::string& name, std::string_view text);

  void StartRunner();
  void KillRunner();

  // Notes that it ran, writes one half, waits for the gate, writes the other.
  v1::JobSpec TwoHalves();

  void Start(const v1::JobSpec& spec);
  // A job that counts in a file for ever.
  v1::JobSpec Counter();
  bool Counts();
  void Suspend(bool suspend);
  void WaitForState(v1::TaskState wanted);
  v1::TaskState NewestState();

  void WaitForHalf();
  void OpenGate();

  void OnMessage(runner::v1::RunnerMessage message);
  void WaitForListings(int count);
  runner::v1::AttemptState WaitFor(
      const std::function<bool(const runner::v1::AttemptState&)>& condition);
  runner::v1::AttemptState WaitForEnd();

  // Of one stream; unspecified: of all.
  std::string OutputOf(const runner::v1::AttemptState& state,
                       v1::OutputStream stream = v1::OUTPUT_STREAM_UNSPECIFIED);
  void WaitForOutput(const std::string& text);

  static v1::JobSpec Shell(const std::string& text);
  void Give(const std::vector<std::string>& chunks);
  // Waits for the next listing.
  void TakeItsOwnPlace();

  void ExpectAllOutputOnce(const runner::v1::AttemptState& state);

  TemporaryDirectory directory_;
  const TestFleet fleet_{"demo"};
  const Credentials alice_ = fleet_.MakeOperator("alice");
  std::unique_ptr<Process> runner_;
  std::string log_;
  v1::AttemptKey key_;

  Mutex mutex_;
  CondVar changed_;
  runner::v1::AttemptState newest_ ABSL_GUARDED_BY(mutex_);
  int listings_ ABSL_GUARDED_BY(mutex_) = 0;
  // Last: it calls back.
  std::unique_ptr<RunnerClient> client_;
};

}  // namespace tutti::testing

#endif  // TESTS_UNIT_RUNNER_RUNNER_PROCESS_FIXTURE_H_
