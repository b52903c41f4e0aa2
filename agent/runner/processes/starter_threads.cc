#include "agent/runner/processes/starter_threads.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/base/threads.h"

namespace tutti::runner {

absl::StatusOr<std::unique_ptr<StarterThreads>> StarterThreads::Create(
    EventLoop& loop, int thread_count) {
  FileDescriptor finished_fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!finished_fd.valid()) return SystemError(errno, "make an eventfd");
  auto threads = std::unique_ptr<StarterThreads>(
      new StarterThreads(loop, std::move(finished_fd)));
  TUTTI_ASSIGN_OR_RETURN(
      threads->watch_,
      loop.Add(threads->finished_fd_.get(), EPOLLIN,
               [raw = threads.get()](uint32_t) { raw->TellFinished(); }));
  for (int i = 0; i < thread_count; ++i) {
    TUTTI_ASSIGN_OR_RETURN(std::thread thread,
                           StartThread([raw = threads.get()] { raw->Work(); }));
    threads->threads_.push_back(std::move(thread));
  }
  return threads;
}

StarterThreads::~StarterThreads() {
  loop_.Remove(watch_);
  {
    MutexLock lock(mutex_);
    ending_ = true;
    changed_.NotifyAll();
  }
  for (std::thread& thread : threads_) thread.join();
}

void StarterThreads::Run(absl::AnyInvocable<void()> work,
                         absl::AnyInvocable<void()> done) {
  MutexLock lock(mutex_);
  waiting_.push_back({std::move(work), std::move(done)});
  changed_.NotifyOne();
}

void StarterThreads::Work() {
  while (true) {
    Job job;
    {
      MutexLock lock(mutex_);
      while (waiting_.empty() && !ending_) changed_.Wait(mutex_);
      if (ending_) return;
      job = std::move(waiting_.front());
      waiting_.pop_front();
    }
    job.work();
    bool first = false;
    {
      MutexLock lock(mutex_);
      first = finished_.empty();
      finished_.push_back(std::move(job));
    }
    if (!first) continue;
    const uint64_t one = 1;
    // Can not fail: the counter does not come near its limit.
    [[maybe_unused]] const ssize_t n =
        write(finished_fd_.get(), &one, sizeof one);
  }
}

void StarterThreads::TellFinished() {
  uint64_t count;
  while (read(finished_fd_.get(), &count, sizeof count) < 0 && errno == EINTR) {
  }
  std::vector<Job> finished;
  {
    MutexLock lock(mutex_);
    finished = std::exchange(finished_, {});
  }
  for (Job& job : finished) job.done();
}

}  // namespace tutti::runner
