// A name for a target expression.
#ifndef CONTROLLER_GROUPS_GROUP_H_
#define CONTROLLER_GROUPS_GROUP_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/targets/target_expression.h"

namespace tutti::controller {

struct Group {
  // Without the '@'.
  std::string name;
  // As written, and parsed.
  std::string text;
  TargetExpression expression;
  // Stands in the controller's file; nobody has set it.
  bool from_file = false;
  std::string set_by;
  absl::Time set_at = absl::InfinitePast();
};

// A good name and a good expression of at most 64 KiB, otherwise
// INVALID_ARGUMENT.
absl::StatusOr<Group> MakeGroup(std::string_view name, std::string_view text);

// Null when there is none of that name.
using FindGroup = std::function<const Group*(std::string_view name)>;

// How `group` contains itself: "@a, @b, @a"; empty when it does not.
std::string CycleOf(const Group& group, const FindGroup& find);

}  // namespace tutti::controller

#endif  // CONTROLLER_GROUPS_GROUP_H_
