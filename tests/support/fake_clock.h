// A clock that stands still until a test moves it.
#ifndef TESTS_SUPPORT_FAKE_CLOCK_H_
#define TESTS_SUPPORT_FAKE_CLOCK_H_

#include <atomic>

#include "absl/time/time.h"
#include "common/base/clock.h"

namespace tutti::testing {

// Thread-safe. Begins at 2026-01-01T00:00:00Z.
class FakeClock final : public Clock {
 public:
  absl::Time Now() const override {
    return absl::FromUnixNanos(nanoseconds_.load());
  }
  void Advance(absl::Duration duration) {
    nanoseconds_ += absl::ToInt64Nanoseconds(duration);
  }
  void Set(absl::Time time) { nanoseconds_ = absl::ToUnixNanos(time); }

 private:
  std::atomic<int64_t> nanoseconds_{1'767'225'600'000'000'000};
};

// The time of day beside a clock that does not jump. Not thread-safe.
class SettableClock final : public Clock {
 public:
  explicit SettableClock(const Clock& steady) : steady_(steady) {}
  absl::Time Now() const override { return steady_.Now() + ahead_; }
  // As somebody does who sets the time.
  void Jump(absl::Duration by) { ahead_ += by; }
  absl::Duration ahead() const { return ahead_; }

 private:
  const Clock& steady_;
  absl::Duration ahead_;
};

}  // namespace tutti::testing

#endif  // TESTS_SUPPORT_FAKE_CLOCK_H_
