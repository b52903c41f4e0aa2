#include "controller/groups/group.h"

#include <set>

#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace tutti::controller {
namespace {

constexpr size_t kMaxExpressionBytes = 64 << 10;

// Whether `wanted` stands in `group` or in what it contains. The groups that
// lead there are put before `path`. Looks at each group once.
bool Reaches(const Group& group, const std::string& wanted,
             const FindGroup& find, std::set<std::string>& seen,
             std::string& path) {
  for (const std::string& name : group.expression.Groups()) {
    if (name == wanted) {
      path = "@" + name;
      return true;
    }
    const Group* inner = find(name);
    if (inner == nullptr || !seen.insert(name).second) continue;
    if (Reaches(*inner, wanted, find, seen, path)) {
      path = "@" + name + ", " + path;
      return true;
    }
  }
  return false;
}

}  // namespace

absl::StatusOr<Group> MakeGroup(std::string_view name, std::string_view text) {
  TUTTI_RETURN_IF_ERROR(CheckGroupName(name));
  if (text.size() > kMaxExpressionBytes) {
    return InvalidArgument(
        "the expression of group '{}' has {} bytes, at most {} are possible; "
        "write ranges and wildcards, or groups of groups",
        name, text.size(), kMaxExpressionBytes);
  }
  Group group;
  TUTTI_ASSIGN_OR_RETURN(group.expression, TargetExpression::Parse(text));
  group.name = name;
  group.text = text;
  return group;
}

std::string CycleOf(const Group& group, const FindGroup& find) {
  std::set<std::string> seen;
  std::string path;
  if (!Reaches(group, group.name, find, seen, path)) return "";
  return "@" + group.name + ", " + path;
}

}  // namespace tutti::controller
