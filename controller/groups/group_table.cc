#include "controller/groups/group_table.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/base/closest.h"
#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace tutti::controller {
namespace {

v1::Group ToMessage(const Group& group) {
  v1::Group message;
  message.set_name(group.name);
  message.set_expression(group.text);
  message.set_from_file(group.from_file);
  message.set_set_by(group.set_by);
  if (!group.from_file) *message.mutable_set_at() = ToProto(group.set_at);
  return message;
}

}  // namespace

void GroupTable::Load(const JournalContents& contents) {
  for (const JournalBatch::Group& row : contents.groups) {
    absl::StatusOr<Group> group = MakeGroup(row.name, row.group.expression());
    if (!group.ok()) {
      log::Error("group '{}' of the journal is left out: {}", row.name,
                 TextOf(group.status()));
      continue;
    }
    group->set_by = row.group.set_by();
    group->set_at = ToTime(row.group.set_at());
    set_[row.name] = *std::move(group);
  }
}

void GroupTable::SetFile(const FileGroups& file) {
  path_ = file.path;
  file_.clear();
  for (const Group& group : file.groups) {
    if (set_.contains(group.name)) {
      log::Warning("{}: group '{}' hides the one that {} set", path_,
                   group.name, set_[group.name].set_by);
    }
    file_[group.name] = group;
  }
}

const Group* GroupTable::FindOrNull(std::string_view name) const {
  for (const Groups* groups : {&file_, &set_}) {
    const auto found = groups->find(name);
    if (found != groups->end()) return &found->second;
  }
  return nullptr;
}

absl::StatusOr<const Group*> GroupTable::Find(std::string_view name) const {
  const Group* group = FindOrNull(name);
  if (group != nullptr) return group;
  std::vector<std::string> names;
  for (const Groups* groups : {&file_, &set_}) {
    for (const auto& [other, ignored] : *groups) names.push_back(other);
  }
  const auto closest = Closest(name, names);
  return NotFound(
      "there is no group '@{}'{}; see `tutti group list`", name,
      closest.has_value() ? fmt::format(" (did you mean @{}?)", *closest) : "");
}

absl::StatusOr<v1::ListGroupsResponse> GroupTable::List(
    const v1::ListGroupsRequest& request) const {
  v1::ListGroupsResponse response;
  if (!request.name().empty()) {
    TUTTI_ASSIGN_OR_RETURN(const Group* group, Find(request.name()));
    *response.add_groups() = ToMessage(*group);
    return response;
  }
  Groups all = file_;
  all.insert(set_.begin(), set_.end());
  for (const auto& [name, group] : all) {
    *response.add_groups() = ToMessage(group);
  }
  return response;
}

absl::StatusOr<v1::SetGroupResponse> GroupTable::Set(
    const v1::SetGroupRequest& request, std::string_view set_by, absl::Time now,
    JournalBatch& batch) {
  TUTTI_ASSIGN_OR_RETURN(Group group,
                         MakeGroup(request.name(), request.expression()));
  TUTTI_RETURN_IF_ERROR(CheckNotOfFile(group.name));
  TUTTI_RETURN_IF_ERROR(CheckReferences(group));
  v1::SetGroupResponse response;
  response.set_created(!set_.contains(group.name));
  if (response.created() && set_.size() >= kMaxGroups) {
    return ResourceExhausted(
        "there are {} groups already; remove one with tutti group remove, or "
        "write them into the controller's groups_file",
        kMaxGroups);
  }
  group.set_by = set_by;
  group.set_at = now;
  JournalBatch::Group& row = batch.groups.emplace_back();
  row.name = group.name;
  row.group.set_expression(group.text);
  row.group.set_set_by(group.set_by);
  *row.group.mutable_set_at() = ToProto(now);
  set_[row.name] = std::move(group);
  return response;
}

absl::Status GroupTable::CheckNotOfFile(std::string_view name) const {
  if (!file_.contains(name)) return absl::OkStatus();
  return FailedPrecondition(
      "group '@{}' stands in {} on the controller's host; change it there, and "
      "send the controller SIGHUP",
      name, path_);
}

absl::Status GroupTable::CheckReferences(const Group& group) const {
  const std::string cycle = CycleOf(
      group, [this](std::string_view name) { return FindOrNull(name); });
  if (!cycle.empty()) {
    return InvalidArgument(
        "group '@{}' would contain itself ({}); take one of them out",
        group.name, cycle);
  }
  for (const std::string& name : group.expression.Groups()) {
    TUTTI_RETURN_IF_ERROR(Find(name).status());
  }
  return absl::OkStatus();
}

absl::Status GroupTable::Remove(std::string_view name, JournalBatch& batch) {
  TUTTI_RETURN_IF_ERROR(CheckNotOfFile(name));
  TUTTI_RETURN_IF_ERROR(Find(name).status());
  for (const auto& [other, group] : set_) {
    const std::vector<std::string> inner = group.expression.Groups();
    if (!std::binary_search(inner.begin(), inner.end(), name)) continue;
    return FailedPrecondition(
        "group '@{}' is a part of '@{}' ({}); change that one first", name,
        other, group.text);
  }
  batch.removed_groups.emplace_back(name);
  set_.erase(set_.find(name));
  return absl::OkStatus();
}

}  // namespace tutti::controller
