#include "common/base/threads.h"

#include <system_error>
#include <thread>
#include <utility>

#include "common/base/errors.h"

namespace tutti {

absl::StatusOr<std::thread> StartThread(absl::AnyInvocable<void()> work) {
  try {
    return std::thread(std::move(work));
  } catch (const std::system_error& error) {
    return ResourceExhausted(
        "cannot start a thread: {}; raise the limit of processes",
        ErrnoText(error.code().value()));
  }
}

}  // namespace tutti
