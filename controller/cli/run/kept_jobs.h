// The jobs of a query that is asked again and again.
#ifndef CONTROLLER_CLI_RUN_KEPT_JOBS_H_
#define CONTROLLER_CLI_RUN_KEPT_JOBS_H_

#include <cstddef>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "common/base/uuid.h"
#include "controller/cli/connection.h"

namespace tutti::cli {

// Has the controller forget all but the newest few, so that they do not fill
// it. Not thread-safe.
class KeptJobs {
 public:
  // So many stay, also when nothing comes after them.
  static constexpr size_t kKept = 3;

  // Before it is started: where the answer is lost it may be there all the
  // same.
  void Add(const Uuid& uuid) { jobs_.push_back(uuid); }
  // One that has not ended stays until the next time; the others do not wait
  // for it. `leave` is asked before each: true ends it. A passing error
  // (UNAVAILABLE, DEADLINE_EXCEEDED) ends it until the next time; after any
  // other, which is to be told, all stay for good.
  absl::Status ForgetOld(Connection& connection,
                         absl::FunctionRef<bool()> leave);
  // The same; `remove` has one removed.
  absl::Status ForgetOld(
      absl::FunctionRef<absl::Status(const Uuid& uuid)> remove,
      absl::FunctionRef<bool()> leave);

 private:
  // Oldest first.
  std::vector<Uuid> jobs_;
  bool refused_ = false;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_KEPT_JOBS_H_
