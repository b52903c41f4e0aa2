#include "controller/rpc/worker_thread.h"

#include <utility>
#include <vector>

namespace tutti::controller {
namespace {

// Each may hold a message of some MiB. A fleet that enrols all at once waits
// in smaller ones.
constexpr size_t kMaxWaiting = 4096;

}  // namespace

WorkerThread::WorkerThread() : thread_([this] { Run(); }) {}

WorkerThread::~WorkerThread() {
  ending_ = true;
  queue_.Push([] {});
  thread_.join();
}

void WorkerThread::Post(Work work) {
  if (waiting_ >= kMaxWaiting) return;
  ++waiting_;
  queue_.Push(std::move(work));
}

void WorkerThread::Run() {
  while (!ending_) {
    for (Work& work : queue_.TakeAll(absl::InfiniteDuration())) {
      if (!ending_) work();
      work = nullptr;
      --waiting_;
    }
  }
}

}  // namespace tutti::controller
