#include "controller/listener/handshake_limit.h"

namespace tutti::controller {

void HandshakeLimit::Begin(absl::Time now) {
  MutexLock lock(mutex_);
  begun_.push_back(now);
}

void HandshakeLimit::End() {
  MutexLock lock(mutex_);
  if (!begun_.empty()) begun_.pop_front();
}

bool HandshakeLimit::IsReached(absl::Time now) {
  MutexLock lock(mutex_);
  while (!begun_.empty() && now - begun_.front() > patience_) {
    begun_.pop_front();
  }
  return begun_.size() >= limit_;
}

}  // namespace tutti::controller
