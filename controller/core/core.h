// The rules of the controller.
#ifndef CONTROLLER_CORE_CORE_H_
#define CONTROLLER_CORE_CORE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/signing/envelope.h"
#include "controller/contents/content_feed.h"
#include "controller/groups/group_table.h"
#include "controller/journal/journal.h"
#include "controller/registry/agent_registry.h"
#include "tutti/v1/agents.pb.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::controller {

using SessionId = uint64_t;  // one control session of an agent
using WatchId = uint64_t;    // one WatchJob call

// A task's assignment. The envelope is one string for all targets.
struct Assignment {
  std::shared_ptr<const std::string> envelope;
  v1::AssignTask rest;  // without the envelope
};

// Input for a task. Each chunk is one string for all targets.
struct InputPiece {
  v1::AttemptKey key;
  // Of the first chunk.
  uint64_t number = 0;
  // Serialised v1::SignedInput, in order.
  std::vector<std::shared_ptr<const std::string>> chunks;
};

// A step of a feed, which is nobody else's until it is answered.
struct ContentStep {
  // Shared with the core, which may lose interest meanwhile.
  std::shared_ptr<ContentFeed> feed;
  std::string requests;
  uint64_t from = 0;
};

// What the core wants done. Implementations queue and return at once; they
// are called on the core thread only.
class Effects {
 public:
  virtual ~Effects() = default;
  // To an agent's control session; without effect when it is gone.
  virtual void Send(SessionId session, v1::SessionResponse response) = 0;
  virtual void Assign(SessionId session, Assignment assignment) = 0;
  virtual void SendInput(SessionId session, InputPiece piece) = 0;
  // ContentFeed::Step, on a thread that may wait; `done` is called on the
  // core's.
  virtual void ReadContent(
      ContentStep step,
      absl::AnyInvocable<void(absl::StatusOr<FedContent>)> done) = 0;
  // Acknowledgements and credit on the agent's SendOutput stream.
  virtual void SendOutputCredit(SessionId session,
                                v1::SendOutputResponse response) = 0;
  virtual void EndSession(SessionId session, absl::Status why) = 0;
  // One message to a watcher. The next one comes only after OnWatchReady.
  virtual void SendToWatch(WatchId watch, v1::WatchJobResponse response) = 0;
  // The watch is over; forget its id.
  virtual void EndWatch(WatchId watch, absl::Status status) = 0;
  // Journal writes go through here so that the answer comes back to the core
  // thread: `done` is called there.
  virtual void Commit(JournalBatch batch,
                      absl::AnyInvocable<void(absl::Status)> done) = 0;
};

// Answer to a call, given once, on the core thread.
template <typename Response>
using Reply = absl::AnyInvocable<void(absl::StatusOr<Response>)>;

// A job that was checked outside the core (signature, target tree).
struct PreparedJob {
  std::shared_ptr<const std::string> envelope;
  OpenedEnvelope opened;
  // Sorted bytewise, unique.
  std::vector<std::string> targets;
  std::shared_ptr<const MerkleTree> tree;
  v1::StartJobRequest request;  // without the envelope
  std::string operator_name;
};

// Settings that a reload may change.
struct CoreSettings {
  // Bytes of output kept in memory for one task (head and tail) and in all.
  uint64_t task_output_budget = 64 << 20;
  uint64_t total_output_budget = 1 << 30;
  // How far an agent may send ahead of acknowledgement, bytes a task.
  uint64_t credit_bytes = 1 << 20;
  uint32_t default_fanout = 0;  // 0: all at once
  uint32_t max_targets = 0;     // of one job; 0: any number
  // Instead of it, by the name of the operator who asks.
  std::map<std::string, uint32_t> operator_max_targets;
  // Targets seen within `recently_seen` get so long to come back.
  absl::Duration offline_grace = absl::Seconds(30);
  absl::Duration recently_seen = absl::Minutes(2);
  // A link lost for so long makes a task UNKNOWN.
  absl::Duration lost_final = absl::Hours(24);
  // Finished jobs are forgotten after this long, and beyond this many, or
  // this many tasks in all (the oldest first). A task takes about 400 bytes.
  absl::Duration job_retention = absl::Hours(24 * 30);
  uint32_t max_jobs = 10'000;
  uint32_t max_tasks = 2'000'000;
  FileGroups file_groups;
};

// Both must outlive the core.
struct CoreClocks {
  // Time of day: what people are shown and what was signed goes by it.
  const Clock& wall;
  // Does not jump: how long to wait for something goes by it.
  const Clock& steady;
};

// Everything that is decided in the controller: sessions, jobs, tasks,
// watches. Plain code on one thread, fed with events, answering with effects;
// no I/O, no lock, no waiting. All methods are called on the core thread.
class Core {
 public:
  Core(std::string fleet, const CoreSettings& settings, CoreClocks clocks,
       Effects& effects);
  ~Core();
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  // Before any event.
  void Load(const JournalContents& contents);
  void Configure(const CoreSettings& settings);

  // Enrolled agents and tokens, and groups; commit their batches through
  // Effects.
  AgentRegistry& registry();
  GroupTable& groups();

  // Digests of the manifests that jobs refer to.
  std::set<std::string> ContentDigests() const;

  // --- agents ---
  struct AgentPeer {
    std::string name;
    std::string key_fingerprint;
    std::string address;
  };
  // A hello came. The core answers with a welcome, or ends the session.
  void OnHello(SessionId session, const AgentPeer& peer,
               const v1::AgentHello& hello);
  // The same of the controller's own host.
  void OnLocalHello(SessionId session, const v1::AgentHello& hello);
  void OnReport(SessionId session, v1::AgentReport report);
  // A message of the agent's SendOutput stream.
  void OnOutput(SessionId session, v1::SendOutputRequest request);
  void OnSessionClosed(SessionId session);
  // Id of the agent's current session; 0 when it has none.
  SessionId SessionOf(std::string_view agent) const;

  // --- operators ---
  void ResolveTargets(std::string_view operator_name,
                      const v1::ResolveTargetsRequest& request,
                      Reply<v1::ResolveTargetsResponse> reply);
  void StartJob(PreparedJob job, Reply<v1::StartJobResponse> reply);
  // Whether the job that is meant was started through the delegation of
  // `delegating_job`: PERMISSION_DENIED otherwise, or an error of the selector.
  absl::Status CheckDelegated(std::string_view operator_name,
                              const Uuid& delegating_job,
                              const v1::JobSelector& selector);
  void ListJobs(std::string_view operator_name,
                const v1::ListJobsRequest& request,
                Reply<v1::ListJobsResponse> reply);
  void GetJob(std::string_view operator_name, const v1::GetJobRequest& request,
              Reply<v1::GetJobResponse> reply);
  void HoldJob(std::string_view operator_name,
               const v1::HoldJobRequest& request,
               Reply<v1::HoldJobResponse> reply);
  void ApproveJob(std::string_view operator_name,
                  const v1::ApproveJobRequest& request,
                  Reply<v1::ApproveJobResponse> reply);
  void StopJob(std::string_view operator_name,
               const v1::StopJobRequest& request,
               Reply<v1::StopJobResponse> reply);
  void SuspendJob(std::string_view operator_name,
                  const v1::SuspendJobRequest& request,
                  Reply<v1::SuspendJobResponse> reply);
  void SetJob(std::string_view operator_name, const v1::SetJobRequest& request,
              Reply<v1::SetJobResponse> reply);
  void SendInput(std::string_view operator_name,
                 const v1::SendInputRequest& request,
                 Reply<v1::SendInputResponse> reply);
  void RemoveJob(std::string_view operator_name,
                 const v1::RemoveJobRequest& request,
                 Reply<v1::RemoveJobResponse> reply);
  void ListAgents(std::string_view operator_name,
                  const v1::ListAgentsRequest& request,
                  Reply<v1::ListAgentsResponse> reply);
  void LabelAgents(std::string_view operator_name,
                   const v1::LabelAgentsRequest& request,
                   Reply<v1::LabelAgentsResponse> reply);
  void RemoveAgent(const v1::RemoveAgentRequest& request,
                   Reply<v1::RemoveAgentResponse> reply);

  // A watch begins ready to be sent to.
  void OpenWatch(WatchId watch, std::string_view operator_name,
                 const v1::WatchJobRequest& request);
  void OnWatchReady(WatchId watch);
  void OnWatchClosed(WatchId watch);

  // --- time ---
  // When OnTime wants to be called next; absl::InfiniteFuture for never.
  absl::Time NextDeadline() const;
  void OnTime();

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_CORE_CORE_H_
