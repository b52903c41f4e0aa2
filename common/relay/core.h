// The rules of what stands between a controller and a runner.
#ifndef COMMON_RELAY_CORE_H_
#define COMMON_RELAY_CORE_H_

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/relay/attempt.h"
#include "common/relay/checks.h"
#include "common/relay/ports.h"
#include "tutti/runner/v1/runner.pb.h"
#include "tutti/v1/agents.pb.h"

namespace tutti::relay {

// What a host says about itself in its hello.
struct HostDescription {
  std::string agent_version;
  std::string boot_id;
  std::string host_name;
  std::string operating_system;
  v1::HostAttributes attributes;
};

// Carries attempts between the controller and the runner: assignments down,
// states and output up, each byte in order, without a rule of its own about
// what runs. Events are noted; Flush then sends what they made due, so that a
// burst of events costs one message. Plain code on one thread: no thread, no
// lock, no waiting. An idle one takes less than 1 KiB.
//
// Output takes one of two ways (see Way). A small backlog rides in reports on
// the session; a larger one turns the attempt to the bulk stream, which it
// keeps. It turns only when nothing of it is in flight, so the receiver sees
// one contiguous sequence. A final state is reported after all output was
// sent, and, over bulk, acknowledged; until then the attempt is reported as
// running.
class Core {
 public:
  // All must outlive the core. `clock` may be monotonic.
  Core(const HostDescription& host, const Clock& clock,
       ControllerPort& controller, RunnerPort& runner, SpoolSource& spool);
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  // --- controller ---
  // A session begins; the hello is sent at once.
  void OnSessionOpened();
  void OnSessionMessage(v1::SessionResponse message);
  void OnSessionWritable() { session_writable_ = true; }
  // Also ends the bulk stream.
  void OnSessionClosed();
  void OnBulkMessage(const v1::SendOutputResponse& message);
  void OnBulkWritable() { bulk_writable_ = true; }
  // The bulk stream ended by itself. `anything_sent`: some message may have
  // reached the controller.
  void OnBulkClosed(bool anything_sent);

  // --- runner ---
  void OnRunnerMessage(runner::v1::RunnerMessage message);
  void OnRunnerLost();
  // The runner listed its attempts since it was connected.
  bool runner_ready() const { return runner_ == Runner::kReady; }

  // The description's attributes are others now.
  void OnAttributesChanged() { attributes_due_ = true; }

  // --- time ---
  // When OnTime wants to be called; absl::InfiniteFuture for never.
  absl::Time NextDeadline() const;
  void OnTime();

  // Sends what is due. To be called after each batch of events.
  void Flush();

  size_t attempt_count() const { return attempts_.size(); }

 private:
  // kEnding: nothing more is sent in this session.
  enum class Session { kClosed, kGreeting, kOpen, kEnding };
  enum class Runner { kAway, kListing, kReady };
  enum class Travel { kRide, kBulk, kWait };
  struct Fetch {
    v1::FetchOutput request;
    uint64_t position = 0;
    bool begun = false;
  };

  // --- core.cc: what events mean ---
  Attempt* Find(const v1::AttemptKey& key);
  Attempt& FindOrAdd(const v1::AttemptKey& key);
  void Erase(Attempt& attempt);
  void RestartSession(const absl::Status& why);
  void OnWelcome(const v1::ControllerWelcome& welcome);
  void OnAssign(v1::SessionResponse message);
  void OnDirective(const v1::AttemptDirective& directive, bool welcome);
  void Acknowledge(Attempt& attempt, const v1::AttemptDirective& directive,
                   bool welcome);
  void TellRunner(Attempt& attempt);
  void StopAttempt(Attempt& attempt, const v1::StopRule& rule);
  // `desired` is RUN or SUSPEND.
  void SteerAttempt(Attempt& attempt, v1::DesiredState desired);
  // What a runner that was away has missed.
  void RepeatDesired(Attempt& attempt);
  void ForgetAttempt(Attempt& attempt);
  void OnListingBegins();
  void OnAttemptState(runner::v1::AttemptState& state);
  void OnListingComplete();
  void ReconcileUnlisted(Attempt& attempt);
  void FinishLocally(Attempt& attempt, v1::TaskState state, std::string reason);

  // --- input.cc: input on its way to the runner ---
  void OnInput(v1::TaskInput input);
  void TakeInputState(const runner::v1::AttemptState& state, Attempt& attempt);
  // What a runner that was away may have missed.
  void RepeatInput(const Attempt& attempt);

  // --- sending.cc: what is sent when ---
  void MarkDue(Attempt& attempt);
  void WakeWaiting();
  v1::AttemptReport Describe(Attempt& attempt, bool final) const;
  bool MayReportFinal(const Attempt& attempt) const;
  // Sends what is not sent in `entry`, or sees to it that it goes later.
  void StartOutput(Attempt& attempt, v1::AttemptReport& entry);
  void AddReport(Attempt& attempt, v1::AgentReport& report);
  Travel ChooseTravel(const Attempt& attempt) const;
  // What comes next of the spool. When the runner has dropped that, from where
  // the spool begins now.
  absl::StatusOr<SpoolReader::Batch> ReadNext(Attempt& attempt,
                                              size_t max_bytes);
  absl::Status AddOutput(Attempt& attempt, v1::AttemptReport& report);
  void UpdateSessionBytes(Attempt& attempt);
  void GiveUpOutput(Attempt& attempt, const absl::Status& why);
  void FlushReports();
  void FlushBulk();
  bool HasBulkWork() const;
  void SendBulk(Attempt& attempt);
  void SendFetch(Fetch& fetch);
  void FailFetch(const Fetch& fetch, std::string reason);
  bool BulkInFlight() const;

  // Constant after construction.
  const HostDescription& host_;
  const Clock& clock_;
  ControllerPort& controller_;
  RunnerPort& runner_port_;
  SpoolSource& spool_;

  std::unordered_map<std::string, Attempt> attempts_;
  Checks checks_;

  Session session_ = Session::kClosed;
  bool session_writable_ = false;
  // They have changed since they were sent.
  bool attributes_due_ = false;
  Runner runner_ = Runner::kAway;
  // The runner listed something that the session's hello did not name.
  bool greeting_due_ = false;

  // Attempts that may have something to report.
  std::vector<Attempt*> due_;
  // Attempts that wait for room in the session window.
  std::vector<Attempt*> waiting_;
  // Unacknowledged output that rode in reports, over all attempts.
  uint64_t session_bytes_ = 0;
  std::vector<v1::FetchFailure> fetch_failures_;

  bool bulk_open_ = false;
  bool bulk_writable_ = false;
  absl::Time bulk_used_at_ = absl::InfinitePast();
  absl::Time bulk_retry_at_ = absl::InfinitePast();
  absl::Duration bulk_backoff_;
  // Served in turn.
  std::vector<Attempt*> bulk_attempts_;
  std::vector<Fetch> fetches_;
  bool fetch_next_ = false;
};

}  // namespace tutti::relay

#endif  // COMMON_RELAY_CORE_H_
