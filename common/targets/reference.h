// What an expression refers to by '@': a group, or the results of a job.
#ifndef COMMON_TARGETS_REFERENCE_H_
#define COMMON_TARGETS_REFERENCE_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/targets/element_parser.h"
#include "common/targets/pattern.h"
#include "tutti/v1/jobs.pb.h"
#include "tutti/v1/task.pb.h"

namespace tutti {

// Which targets of a job.
struct TaskFilter {
  enum class Kind {
    kAll,
    // Whose task is in `state`.
    kState,
    // Whose task is in any other state than COMPLETED, final or not.
    kNotCompleted,
    // In whose output a line matches `output`.
    kOutput,
    // That gave rows; of a query.
    kRows,
    // That were changed; of a copy.
    kChanged,
  };
  Kind kind = Kind::kAll;
  v1::TaskState state = v1::TASK_STATE_UNSPECIFIED;
  std::optional<Pattern> output;
};

struct TargetReference {
  // As written: "@web", "@job:last:failed".
  std::string text;
  // Name of the group; empty: it refers to a job.
  std::string group;
  v1::JobSelector job;
  TaskFilter filter;
};

// Takes a reference; a '@' stands next. INVALID_ARGUMENT names the place and
// the remedy.
absl::StatusOr<TargetReference> TakeReference(ElementParser& input);

// INVALID_ARGUMENT unless a group may be called so: as a label, and not `job`.
absl::Status CheckGroupName(std::string_view name);

}  // namespace tutti

#endif  // COMMON_TARGETS_REFERENCE_H_
