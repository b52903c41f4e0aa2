// Waiting for something to become true.
#ifndef TESTS_SUPPORT_WAIT_H_
#define TESTS_SUPPORT_WAIT_H_

#include <functional>

#include "absl/time/time.h"

namespace tutti::testing {

// Looks every few milliseconds; false when `timeout` passed first. For what
// offers nothing to wait on, as other processes and the file system.
bool WaitUntil(const std::function<bool()>& condition,
               absl::Duration timeout = absl::Seconds(30));

}  // namespace tutti::testing

#endif  // TESTS_SUPPORT_WAIT_H_
