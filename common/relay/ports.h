// What stands around a relay's core: the controller, the runner and the
// spool, as the core sees them.
#ifndef COMMON_RELAY_PORTS_H_
#define COMMON_RELAY_PORTS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/records/spool_reader.h"
#include "tutti/runner/v1/runner.pb.h"
#include "tutti/v1/agents.pb.h"
#include "tutti/v1/envelope.pb.h"
#include "tutti/v1/task.pb.h"

namespace tutti::relay {

// The way to the controller. Implementations queue and return at once; they
// are called on the core's thread and never call back into the core.
class ControllerPort {
 public:
  virtual ~ControllerPort() = default;

  // Once for each session, before any report.
  virtual void SendHello(v1::AgentHello hello) = 0;
  // False: the queue is full from now on, until Core::OnSessionWritable.
  virtual bool SendReport(v1::AgentReport report) = 0;
  // Ends the session and dials again; Core::OnSessionClosed follows.
  virtual void RestartSession(const absl::Status& why) = 0;

  // The stream for bulk output. It lives within a session and ends with it;
  // when it ends by itself, Core::OnBulkClosed says so.
  virtual void OpenBulk() = 0;
  // False: the queue is full from now on, until Core::OnBulkWritable.
  virtual bool SendOutput(v1::SendOutputRequest request) = 0;
  // After everything that was queued was sent.
  virtual void CloseBulk() = 0;
};

// The way to the runner. As above; what is sent while the runner is away is
// lost.
class RunnerPort {
 public:
  virtual ~RunnerPort() = default;
  virtual void Start(const v1::AssignTask& task) = 0;
  virtual void Stop(const v1::AttemptKey& key, const v1::StopRule& rule) = 0;
  // False: it goes on.
  virtual void Suspend(const v1::AttemptKey& key, bool suspend) = 0;
  // `chunk`: serialised SignedInput.
  virtual void GiveInput(const v1::AttemptKey& key,
                         const std::string& chunk) = 0;
  virtual void AcknowledgeOutput(const v1::AttemptKey& key,
                                 uint64_t position) = 0;
  virtual void Release(const v1::AttemptKey& key) = 0;
};

// What a runner is asked for an assignment.
runner::v1::StartAttempt ToStartAttempt(const v1::AssignTask& task);

// Reads what the runner spooled. The one port that answers by its result: the
// records were written a moment ago and are in the page cache.
class SpoolSource {
 public:
  virtual ~SpoolSource() = default;
  // `end` of a file that is not written any more.
  static constexpr uint64_t kEndOfSpool = UINT64_MAX;

  // As SpoolReader::Read; NOT_FOUND when the attempt has no spool file.
  virtual absl::StatusOr<SpoolReader::Batch> Read(const v1::AttemptKey& key,
                                                  uint64_t from, uint64_t end,
                                                  size_t max_bytes) = 0;
  // Nothing of this attempt will be read for now.
  virtual void Close(const v1::AttemptKey& key) = 0;
};

}  // namespace tutti::relay

#endif  // COMMON_RELAY_PORTS_H_
