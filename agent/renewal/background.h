// Work that blocks, one piece at a time.
#ifndef AGENT_RENEWAL_BACKGROUND_H_
#define AGENT_RENEWAL_BACKGROUND_H_

#include <atomic>
#include <thread>

#include "absl/functional/any_invocable.h"

namespace tutti::agent {

// Has a thread only while there is work, so that an idle agent does not pay
// for one. Start and the destructor are for one thread.
class Background {
 public:
  Background() = default;
  // Waits for the work to end.
  ~Background() {
    if (thread_.joinable()) thread_.join();
  }
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  bool busy() const { return busy_.load(); }

  // False when there is still other work.
  bool Start(absl::AnyInvocable<void()> work) {
    if (busy()) return false;
    if (thread_.joinable()) thread_.join();
    busy_.store(true);
    thread_ = std::thread([this, work = std::move(work)]() mutable {
      work();
      busy_.store(false);
    });
    return true;
  }

 private:
  std::atomic<bool> busy_ = false;
  std::thread thread_;
};

}  // namespace tutti::agent

#endif  // AGENT_RENEWAL_BACKGROUND_H_
