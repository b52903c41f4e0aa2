// A core with a fleet around it.
#ifndef TESTS_UNIT_CONTROLLER_CORE_CORE_FIXTURE_H_
#define TESTS_UNIT_CONTROLLER_CORE_CORE_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/uuid.h"
#include "controller/core/core.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_effects.h"
#include "tests/support/status_matchers.h"

namespace tutti::testing {

// Everything that a watcher was sent, put together again.
struct Watched {
  v1::Job job;
  std::map<uint32_t, v1::TaskStatus> statuses;
  // Bytes a task, `same_as` resolved; "<N missing>" in gaps.
  std::map<uint32_t, std::string> output;
  std::map<uint32_t, uint64_t> positions;
  size_t same_as_count = 0;
};

// The clock stands an hour behind the controller's start, so that the grace
// time of a start is over; a test that wants it calls Restart().
class CoreFixture : public ::testing::Test {
 protected:
  static constexpr uint64_t kFirst = 16;  // position of the first record

  explicit CoreFixture(controller::CoreSettings settings = {});

  // Enrols agents with these names and makes the core anew.
  void Enroll(const std::vector<std::string>& names);
  // As after a crash: sessions and memory are gone, what was committed is
  // there.
  void Restart();

  // Opens a session with a hello that lists `attempts`.
  controller::SessionId Connect(
      const std::string& name,
      const std::vector<v1::AttemptReport>& attempts = {});
  // All of them; the journal then takes the first outcome at once.
  void ConnectAll();
  void Disconnect(const std::string& name);
  controller::SessionId session(const std::string& name) const {
    return core_->SessionOf(name);
  }

  // A job of `true`, its envelope made up of `seed`.
  controller::PreparedJob Prepare(const std::vector<std::string>& targets,
                                  int seed = 0) const;
  // The same work again, on some of its targets.
  controller::PreparedJob PrepareRetry(
      const controller::PreparedJob& job, uint32_t attempt,
      const std::vector<std::string>& targets) const;
  // Makes its tree anew, with the parameters that its request has.
  static void SetTargets(const std::vector<std::string>& targets,
                         controller::PreparedJob& job);
  // Starts it, without letting the journal go on.
  std::shared_ptr<std::optional<absl::StatusOr<v1::StartJobResponse>>> Submit(
      controller::PreparedJob job);
  // Starts it, and lets the journal go on.
  uint64_t Start(controller::PreparedJob job);
  uint64_t Start(const std::vector<std::string>& targets) {
    return Start(Prepare(targets, ++seed_));
  }

  // Lets time pass as the core thread does: in steps from deadline to
  // deadline.
  void Advance(absl::Duration duration);

  // --- what an agent says; of the last job that was started, or of `job` ---
  v1::AttemptReport MakeReport(const std::string& name, v1::TaskState state,
                               uint64_t job = 0, uint32_t attempt = 1);
  static void AddOutput(v1::AttemptReport& report, uint64_t position,
                        const std::string& data);
  void Report(const std::string& name, v1::AttemptReport report);
  void Report(const std::string& name, v1::TaskState state, uint64_t job = 0) {
    Report(name, MakeReport(name, state, job));
  }
  // COMPLETED with that output in one report, from the first position on.
  void Complete(const std::string& name, const std::string& output = "",
                uint64_t job = 0);
  // One chunk over SendOutput.
  void SendBulk(const std::string& name, uint64_t position,
                const std::string& data, uint64_t fetch_id = 0,
                bool fetch_done = false);
  static v1::OutputChunk MakeChunk(uint64_t position, const std::string& data);
  // Directives that an agent was sent since the last call, outside welcomes.
  std::vector<v1::AttemptDirective> TakeDirectives(const std::string& name);
  std::vector<v1::FetchOutput> TakeFetches(const std::string& name);
  const v1::ControllerWelcome& LastWelcome(const std::string& name);
  size_t AssignedCount(const std::string& name);

  // --- what operators ask ---
  v1::GetJobResponse Get(uint64_t job);
  v1::TaskStatus GetTask(uint64_t job, uint32_t task = 0) {
    return Get(job).tasks(task);
  }
  v1::TaskState StateOf(uint64_t job, uint32_t task = 0) {
    return GetTask(job, task).attempt().state();
  }
  absl::Status Stop(uint64_t job, v1::StopJobRequest request = {});
  absl::StatusOr<v1::SuspendJobResponse> Suspend(
      uint64_t job, bool suspend, const std::vector<std::string>& targets = {});
  absl::Status Set(uint64_t job, v1::SetJobRequest request);
  absl::Status Hold(uint64_t job, bool hold);
  absl::Status Remove(uint64_t job, bool force = false);

  void OpenWatch(controller::WatchId watch, uint64_t job, bool follow = true,
                 const std::vector<v1::TaskCursor>& resume = {},
                 uint32_t attempt = 0);
  // Takes what a watcher was sent and asks for more until nothing comes.
  Watched& Drain(controller::WatchId watch);
  // Takes one response only. False when there is none.
  bool TakeOne(controller::WatchId watch);
  bool Ended(controller::WatchId watch) const {
    return effects_->ended_watches.contains(watch);
  }

  FakeClock clock_;
  // The same until a test lets it jump.
  SettableClock wall_clock_{clock_};
  controller::CoreSettings settings_;
  std::unique_ptr<FakeEffects> effects_;
  std::unique_ptr<controller::Core> core_;
  std::map<controller::WatchId, Watched> watched_;

 private:
  struct Started {
    std::string uuid;
  };

  void Take(controller::WatchId watch, const v1::WatchJobResponse& response);
  std::string& ContentOf(controller::WatchId watch, uint64_t id) {
    return contents_[watch][id];
  }

  int seed_ = 0;
  controller::SessionId next_session_ = 1;
  std::vector<std::string> names_;
  std::map<uint64_t, Started> started_;
  std::map<controller::WatchId, std::map<uint64_t, std::string>> contents_;
};

}  // namespace tutti::testing

#endif  // TESTS_UNIT_CONTROLLER_CORE_CORE_FIXTURE_H_
