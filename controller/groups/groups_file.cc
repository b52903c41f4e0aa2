#include "controller/groups/groups_file.h"

#include <algorithm>
#include <utility>

#include "common/base/closest.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/configuration/yaml_file.h"

namespace tutti::controller {
namespace {

absl::StatusOr<Group> MakeFileGroup(const std::string& name,
                                    const std::vector<std::string>& texts) {
  if (texts.empty()) {
    return InvalidArgument(
        "the list is empty; write expressions, as in web[01-20]");
  }
  TUTTI_RETURN_IF_ERROR(TargetExpression::ParseUnited(texts).status());
  TUTTI_ASSIGN_OR_RETURN(Group group, MakeGroup(name, Unite(texts)));
  group.from_file = true;
  return group;
}

// What is wrong with the groups that `group` refers to; empty: nothing.
std::string ReferenceMistake(const Group& group, const FindGroup& find,
                             const std::vector<std::string>& names) {
  for (const std::string& name : group.expression.Groups()) {
    if (find(name) != nullptr) continue;
    const auto closest = Closest(name, names);
    return fmt::format(
        "there is no group '@{}' in this file{}; groups of the file can "
        "contain one another only",
        name,
        closest.has_value() ? fmt::format(" (did you mean @{}?)", *closest)
                            : "");
  }
  const std::string cycle = CycleOf(group, find);
  if (cycle.empty()) return "";
  return fmt::format("the group contains itself ({}); take one of them out",
                     cycle);
}

}  // namespace

absl::StatusOr<FileGroups> ReadGroupsFile(const std::string& path) {
  TUTTI_ASSIGN_OR_RETURN(YamlMap map, YamlMap::Load(path));
  FileGroups file;
  file.path = path;
  const std::vector<std::string> names = map.Keys();
  for (const std::string& name : names) {
    std::vector<std::string> texts;
    if (!map.Get(name, texts)) continue;
    absl::StatusOr<Group> group = MakeFileGroup(name, texts);
    if (group.ok()) {
      file.groups.push_back(*std::move(group));
    } else {
      map.AddMistake(name, TextOf(group.status()));
    }
  }
  TUTTI_RETURN_IF_ERROR(map.Finish());
  const FindGroup find = [&file](std::string_view name) -> const Group* {
    const auto found =
        std::find_if(file.groups.begin(), file.groups.end(),
                     [name](const Group& group) { return group.name == name; });
    return found == file.groups.end() ? nullptr : &*found;
  };
  for (const Group& group : file.groups) {
    const std::string mistake = ReferenceMistake(group, find, names);
    if (!mistake.empty()) map.AddMistake(group.name, mistake);
  }
  TUTTI_RETURN_IF_ERROR(map.Finish());
  return file;
}

}  // namespace tutti::controller
