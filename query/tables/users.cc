// Accounts of /etc/passwd (passwd(5)).
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status_macros.h"
#include "query/engine/table.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

constexpr size_t kFields = 7;

absl::Status Generate(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(const std::string content,
                         ReadIfThere(request.Path("/etc/passwd")));
  for (const std::string_view line : LinesOf(content)) {
    const std::vector<std::string_view> fields = Split(line, ':');
    if (fields.size() != kFields) continue;
    const std::optional<int64_t> uid = NumberIn(fields[2]);
    const std::optional<int64_t> gid = NumberIn(fields[3]);
    if (!uid.has_value() || !gid.has_value()) continue;
    Row& row = rows.Add();
    row.Set("uid", *uid);
    row.Set("gid", *gid);
    // As the kernel shows them to a program of 32 bits.
    row.Set("uid_signed", static_cast<int32_t>(*uid));
    row.Set("gid_signed", static_cast<int32_t>(*gid));
    row.Set("username", fields[0]);
    row.Set("description", fields[4]);
    row.Set("directory", fields[5]);
    row.Set("shell", fields[6]);
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
    .generate = Generate,
};

}  // namespace tutti::query
