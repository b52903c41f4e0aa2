// Starting threads.
#ifndef COMMON_BASE_THREADS_H_
#define COMMON_BASE_THREADS_H_

#include <thread>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"

namespace tutti {

// RESOURCE_EXHAUSTED when the host lets this process have no more; the
// constructor of std::thread throws then.
absl::StatusOr<std::thread> StartThread(absl::AnyInvocable<void()> work);

}  // namespace tutti

#endif  // COMMON_BASE_THREADS_H_
