// Threads for what a start has to wait for: a user to be found, a program to be
// loaded.
#ifndef AGENT_RUNNER_PROCESSES_STARTER_THREADS_H_
#define AGENT_RUNNER_PROCESSES_STARTER_THREADS_H_

#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "agent/runner/processes/event_loop.h"
#include "common/base/file_descriptor.h"
#include "common/base/mutex.h"

namespace tutti::runner {

// Methods are for the loop's thread.
class StarterThreads {
 public:
  // `loop` must outlive it.
  static absl::StatusOr<std::unique_ptr<StarterThreads>> Create(
      EventLoop& loop, int thread_count);
  // Waits for work that has begun; what is done is not told any more.
  ~StarterThreads();
  StarterThreads(const StarterThreads&) = delete;
  StarterThreads& operator=(const StarterThreads&) = delete;

  int count() const { return static_cast<int>(threads_.size()); }

  // Calls `work` on one of the threads and then `done` on the loop's.
  void Run(absl::AnyInvocable<void()> work, absl::AnyInvocable<void()> done);

 private:
  struct Job {
    absl::AnyInvocable<void()> work;
    absl::AnyInvocable<void()> done;
  };

  StarterThreads(EventLoop& loop, FileDescriptor finished_fd)
      : loop_(loop), finished_fd_(std::move(finished_fd)) {}
  void Work();
  void TellFinished();

  EventLoop& loop_;
  // An eventfd: `finished_` has something.
  const FileDescriptor finished_fd_;
  EventLoop::Watch watch_ = 0;

  Mutex mutex_;
  CondVar changed_;
  std::deque<Job> waiting_ ABSL_GUARDED_BY(mutex_);
  std::vector<Job> finished_ ABSL_GUARDED_BY(mutex_);
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_PROCESSES_STARTER_THREADS_H_
