// The jobs of a query that is asked again and again.
#ifndef CONTROLLER_CLI_RUN_KEPT_JOBS_H_
#define CONTROLLER_CLI_RUN_KEPT_JOBS_H_

#include <cstddef>
#include <cstdint>
#include <deque>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "controller/cli/connection.h"

namespace tutti::cli {

// Has the controller forget all but the newest few, so that they do not fill
// it. Not thread-safe.
class KeptJobs {
 public:
  // So many stay, also when nothing comes after them.
  static constexpr size_t kKept = 3;

  void Add(uint64_t number) { numbers_.push_back(number); }
  // One that has not ended stays until the next time. After an error, which is
  // to be told, all stay.
  absl::Status ForgetOld(Connection& connection);
  // The same; `remove` has one removed.
  absl::Status ForgetOld(
      absl::FunctionRef<absl::Status(uint64_t number)> remove);

 private:
  std::deque<uint64_t> numbers_;
  bool refused_ = false;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_KEPT_JOBS_H_
