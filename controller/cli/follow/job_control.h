// Hold, release and stop, without waiting for the answers.
#ifndef CONTROLLER_CLI_FOLLOW_JOB_CONTROL_H_
#define CONTROLLER_CLI_FOLLOW_JOB_CONTROL_H_

#include <grpcpp/grpcpp.h>

#include <deque>
#include <memory>
#include <thread>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/file_descriptor.h"
#include "common/base/mutex.h"
#include "tutti/v1/jobs.grpc.pb.h"

namespace tutti::cli {

enum class JobRequest { kHold, kRelease, kStop };

// Sends requests about one job in the order in which they were made, one
// after the other, and waits for the controller where it is away. Belongs to
// one thread; a sending one is inside. What was not answered when it goes is
// given up.
class JobControl {
 public:
  JobControl(std::shared_ptr<grpc::Channel> channel, v1::JobSelector job);
  ~JobControl();
  JobControl(const JobControl&) = delete;
  JobControl& operator=(const JobControl&) = delete;

  // Asks another controller from now on, also what is under way.
  void Use(std::shared_ptr<grpc::Channel> channel);
  void Send(JobRequest request);
  // True when all requests were answered.
  bool idle();
  // The first request that failed, once; OK when none did.
  absl::Status TakeError();
  // Readable after an answer, until ClearWake.
  int descriptor() const { return wake_.get(); }
  void ClearWake();

 private:
  struct Pending {
    JobRequest request;
    absl::Time give_up;
  };
  void Run();
  grpc::Status Call(JobRequest request,
                    const std::shared_ptr<grpc::Channel>& channel,
                    grpc::ClientContext& context) const;

  const v1::JobSelector job_;
  FileDescriptor wake_;

  Mutex mutex_;
  CondVar changed_;
  std::shared_ptr<grpc::Channel> channel_ ABSL_GUARDED_BY(mutex_);
  // The first one is under way.
  std::deque<Pending> requests_ ABSL_GUARDED_BY(mutex_);
  grpc::ClientContext* current_ ABSL_GUARDED_BY(mutex_) = nullptr;
  absl::Status error_ ABSL_GUARDED_BY(mutex_);
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  // Begun with the first request: most jobs need none.
  std::thread thread_;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_JOB_CONTROL_H_
