// Accounts of /etc/passwd (passwd(5)).
#include <vector>

#include "common/base/status_macros.h"
#include "query/engine/table.h"
#include "query/host/accounts.h"

namespace tutti::query {
namespace {

absl::Status GenerateUsers(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(const std::vector<Account> accounts,
                         AccountsIn(request.Path("/etc/passwd")));
  for (const Account& account : accounts) {
    Row& row = rows.Add();
    row.Set("uid", account.uid);
    row.Set("gid", account.gid);
    // As the kernel shows them to a program of 32 bits.
    row.Set("uid_signed", static_cast<int32_t>(account.uid));
    row.Set("gid_signed", static_cast<int32_t>(account.gid));
    row.Set("username", account.name);
    row.Set("description", account.description);
    row.Set("directory", account.directory);
    row.Set("shell", account.shell);
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kUsersTable = {
    .name = "users",
    .description = "Local user accounts.",
    .columns =
        {
            {"uid", ColumnType::kBigInt, "User ID"},
            {"gid", ColumnType::kBigInt, "Primary group ID"},
            {"uid_signed", ColumnType::kBigInt, "User ID as a signed number"},
            {"gid_signed", ColumnType::kBigInt, "Group ID as a signed number"},
            {"username", ColumnType::kText, "Name"},
            {"description", ColumnType::kText, "Comment (GECOS)"},
            {"directory", ColumnType::kText, "Home directory"},
            {"shell", ColumnType::kText, "Login shell"},
            {"uuid", ColumnType::kText, "Always empty on Linux"},
        },
    .generate = GenerateUsers,
};

}  // namespace tutti::query
