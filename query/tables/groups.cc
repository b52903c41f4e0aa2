// Groups of /etc/group (group(5)).
#include <vector>

#include "common/base/status_macros.h"
#include "query/engine/table.h"
#include "query/host/accounts.h"

namespace tutti::query {
namespace {

absl::Status GenerateGroups(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(const std::vector<Group> groups,
                         GroupsIn(request.Path("/etc/group")));
  for (const Group& group : groups) {
    Row& row = rows.Add();
    row.Set("gid", group.gid);
    // As the kernel shows it to a program of 32 bits.
    row.Set("gid_signed", static_cast<int32_t>(group.gid));
    row.Set("groupname", group.name);
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kGroupsTable = {
    .name = "groups",
    .description = "Local groups.",
    .columns =
        {
            {"gid", ColumnType::kBigInt, "Group ID"},
            {"gid_signed", ColumnType::kBigInt, "Group ID as a signed number"},
            {"groupname", ColumnType::kText, "Name"},
        },
    .generate = GenerateGroups,
};

}  // namespace tutti::query
