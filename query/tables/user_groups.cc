// Which account is in which group (passwd(5), group(5)).
#include <algorithm>
#include <vector>

#include "common/base/status_macros.h"
#include "query/engine/table.h"
#include "query/host/accounts.h"

namespace tutti::query {
namespace {

bool IsMember(const Account& account, const Group& group) {
  return std::find(group.members.begin(), group.members.end(), account.name) !=
         group.members.end();
}

void AddRow(int64_t uid, int64_t gid, Rows& rows) {
  Row& row = rows.Add();
  row.Set("uid", uid);
  row.Set("gid", gid);
}

absl::Status GenerateUserGroups(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(const std::vector<Account> accounts,
                         AccountsIn(request.Path("/etc/passwd")));
  TUTTI_ASSIGN_OR_RETURN(const std::vector<Group> groups,
                         GroupsIn(request.Path("/etc/group")));
  for (const Account& account : accounts) {
    AddRow(account.uid, account.gid, rows);
    for (const Group& group : groups) {
      if (group.gid != account.gid && IsMember(account, group)) {
        AddRow(account.uid, group.gid, rows);
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kUserGroupsTable = {
    .name = "user_groups",
    .description = "Which local account is in which local group.",
    .columns =
        {
            {"uid", ColumnType::kBigInt, "User ID"},
            {"gid", ColumnType::kBigInt,
             "Group ID: the primary one and those that list the account"},
        },
    .generate = GenerateUserGroups,
};

}  // namespace tutti::query
