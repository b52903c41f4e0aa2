// One WatchJob stream, read on a thread of its own.
#ifndef CONTROLLER_CLI_FOLLOW_WATCH_READER_H_
#define CONTROLLER_CLI_FOLLOW_WATCH_READER_H_

#include <grpcpp/grpcpp.h>

#include <deque>
#include <memory>
#include <optional>
#include <thread>

#include "common/base/file_descriptor.h"
#include "common/base/mutex.h"
#include "tutti/v1/jobs.grpc.pb.h"

namespace tutti::cli {

// Where the controller can not be reached the stream ends with UNAVAILABLE.
// Reads ahead by a few messages and then waits, so that a slow output slows
// the controller rather than fill memory. Belongs to one thread; the reading
// one is inside. Ends the stream and the thread when it goes.
class WatchReader {
 public:
  WatchReader(std::shared_ptr<grpc::Channel> channel,
              v1::WatchJobRequest request);
  ~WatchReader();
  WatchReader(const WatchReader&) = delete;
  WatchReader& operator=(const WatchReader&) = delete;

  struct Event {
    // Null: the stream is over, with `status`. Nothing comes after that.
    std::unique_ptr<v1::WatchJobResponse> message;
    grpc::Status status;
  };
  // Readable while there are events.
  int descriptor() const { return wake_.get(); }
  // The oldest event; never waits.
  std::optional<Event> Take();

 private:
  void Read();
  void Push(Event event);

  const std::shared_ptr<grpc::Channel> channel_;
  const v1::WatchJobRequest request_;
  grpc::ClientContext context_;
  FileDescriptor wake_;

  Mutex mutex_;
  CondVar taken_;
  std::deque<Event> events_ ABSL_GUARDED_BY(mutex_);
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_WATCH_READER_H_
