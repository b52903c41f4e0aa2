// Standard input on its way to a job.
#ifndef CONTROLLER_CLI_INPUT_INPUT_SENDER_H_
#define CONTROLLER_CLI_INPUT_INPUT_SENDER_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/base/file_descriptor.h"
#include "common/base/mutex.h"
#include "common/signing/input_signer.h"
#include "controller/cli/input/escape_filter.h"
#include "controller/cli/input/input_queue.h"
#include "tutti/v1/jobs.grpc.pb.h"

namespace tutti::cli {

// Reads a descriptor, signs what comes, and sends it as fast as the job's
// targets take it. Where the controller is away it waits for it. Belongs to
// one thread; the sending one is inside.
class InputSender {
 public:
  struct Options {
    // Borrowed; blocking.
    int descriptor = 0;
    // Somebody types there: "~." leaves, and the size of the window is sent
    // when it changes.
    bool is_terminal = false;
  };
  InputSender(InputSigner signer, Options options);
  // Sends nothing more.
  ~InputSender();
  InputSender(const InputSender&) = delete;
  InputSender& operator=(const InputSender&) = delete;

  // Once.
  void Begin(std::shared_ptr<grpc::Channel> channel, uint64_t job);
  // Talks to another controller from now on.
  void Use(std::shared_ptr<grpc::Channel> channel);
  // The terminal has another size.
  void OnResize();

  // The controller has all of it, or nobody takes any more: the job can go on
  // alone.
  bool delivered();
  // The job can not have the rest.
  bool failed();
  // "~." was typed.
  bool escaped();
  // Lines for people, each once.
  std::vector<std::string> TakeNotices();
  // Readable after one of these has changed, until ClearWake.
  int descriptor() const { return changed_.get(); }
  void ClearWake();

 private:
  void Run();
  // False: no more is to be done.
  bool Step();
  bool WaitForWork();
  // What has come, as far as there is room.
  void Read();
  void TakeTyped(std::string typed);
  void OnEnd();
  grpc::Status Send();
  void OnAnswer(const v1::SendInputResponse& response);
  void Fail(const absl::Status& why);
  void Note(std::string notice);
  void NoteChange();
  bool stopping();

  const Options options_;
  FileDescriptor wake_;
  FileDescriptor changed_;
  // The thread's alone.
  InputQueue queue_;
  EscapeFilter escape_;
  v1::JobSelector job_;
  std::string slowest_;
  std::string left_behind_;

  Mutex mutex_;
  std::shared_ptr<grpc::Channel> channel_ ABSL_GUARDED_BY(mutex_);
  grpc::ClientContext* call_ ABSL_GUARDED_BY(mutex_) = nullptr;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool resized_ ABSL_GUARDED_BY(mutex_) = false;
  bool delivered_ ABSL_GUARDED_BY(mutex_) = false;
  bool failed_ ABSL_GUARDED_BY(mutex_) = false;
  bool escaped_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::string> notices_ ABSL_GUARDED_BY(mutex_);
  // Last: it uses everything above.
  std::thread thread_;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_INPUT_INPUT_SENDER_H_
