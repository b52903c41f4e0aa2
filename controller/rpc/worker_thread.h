// Work that would hold up a reaction or the core: cryptography, large lists.
#ifndef CONTROLLER_RPC_WORKER_THREAD_H_
#define CONTROLLER_RPC_WORKER_THREAD_H_

#include <atomic>
#include <thread>

#include "absl/functional/any_invocable.h"
#include "common/base/event_queue.h"

namespace tutti::controller {

// Runs one piece of work after the other. Work that is not run is destroyed,
// so what must happen in any case happens in the destructor of what it
// captures (a Responder answers). Thread-safe.
class WorkerThread {
 public:
  using Work = absl::AnyInvocable<void()>;

  WorkerThread();
  // Does not run what has not begun.
  ~WorkerThread();
  WorkerThread(const WorkerThread&) = delete;
  WorkerThread& operator=(const WorkerThread&) = delete;

  // Not run when too much is waiting already.
  void Post(Work work);

 private:
  void Run();

  EventQueue<Work> queue_;
  std::atomic<size_t> waiting_ = 0;
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_RPC_WORKER_THREAD_H_
