// All groups: those that operators set, and those of the controller's file.
#ifndef CONTROLLER_GROUPS_GROUP_TABLE_H_
#define CONTROLLER_GROUPS_GROUP_TABLE_H_

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/groups/group.h"
#include "controller/groups/groups_file.h"
#include "controller/journal/journal.h"
#include "tutti/v1/groups.pb.h"

namespace tutti::controller {

// Plain code of the core: no I/O, no lock, not thread-safe. What must be
// durable is added to the batch that a call is given; the caller commits it
// before it answers.
class GroupTable {
 public:
  // More operators can not set.
  static constexpr size_t kMaxGroups = 1000;

  // From the journal, at the start. One that can not be read is left out with
  // a line in the log.
  void Load(const JournalContents& contents);
  // In the place of those of an earlier file. One of these goes before one of
  // the same name that was set.
  void SetFile(const FileGroups& file);

  // NOT_FOUND with the nearest name.
  absl::StatusOr<const Group*> Find(std::string_view name) const;
  // As proto/tutti/v1/groups.proto says.
  absl::StatusOr<v1::ListGroupsResponse> List(
      const v1::ListGroupsRequest& request) const;
  absl::StatusOr<v1::SetGroupResponse> Set(const v1::SetGroupRequest& request,
                                           std::string_view set_by,
                                           absl::Time now, JournalBatch& batch);
  absl::Status Remove(std::string_view name, JournalBatch& batch);

 private:
  using Groups = std::map<std::string, Group, std::less<>>;

  // Null when there is none.
  const Group* FindOrNull(std::string_view name) const;
  // FAILED_PRECONDITION when the file has it.
  absl::Status CheckNotOfFile(std::string_view name) const;
  // Whether what it refers to is there, and is not itself.
  absl::Status CheckReferences(const Group& group) const;

  Groups set_;
  Groups file_;
  std::string path_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_GROUPS_GROUP_TABLE_H_
