// Who is logged in (/run/utmp, utmp(5)).
#include <utmp.h>

#include <string>
#include <string_view>

#include "common/base/status_macros.h"
#include "query/engine/table.h"
#include "query/host/login_record.h"
#include "query/host/regular_file.h"

namespace tutti::query {
namespace {

std::string_view NameOfType(int type) {
  switch (type) {
    case EMPTY:
      return "empty";
    case RUN_LVL:
      return "runlevel";
    case BOOT_TIME:
      return "boot_time";
    case NEW_TIME:
      return "new_time";
    case OLD_TIME:
      return "old_time";
    case INIT_PROCESS:
      return "init";
    case LOGIN_PROCESS:
      return "login";
    case USER_PROCESS:
      return "user";
    case DEAD_PROCESS:
      return "dead";
    case ACCOUNTING:
      return "accounting";
    default:
      return "unknown";
  }
}

absl::Status GenerateLoggedInUsers(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(const std::string content,
                         ReadIfThere(request.Path("/run/utmp")));
  for (const LoginRecord& record : DecodeLoginRecords(content)) {
    // What init says of itself is no login.
    if (record.pid == 1) continue;
    Row& row = rows.Add();
    row.Set("type", NameOfType(record.type));
    row.Set("user", record.user);
    row.Set("tty", record.tty);
    row.Set("host", record.host);
    row.Set("time", record.time);
    row.Set("pid", record.pid);
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kLoggedInUsersTable = {
    .name = "logged_in_users",
    .description = "Sessions of people; those of type user are open.",
    .columns =
        {
            {"type", ColumnType::kText,
             "user, dead, login, init, boot_time, runlevel, new_time, "
             "old_time, accounting, empty or unknown"},
            {"user", ColumnType::kText, "Name of the account"},
            {"tty", ColumnType::kText, "Terminal"},
            {"host", ColumnType::kText, "Where the login came from"},
            {"time", ColumnType::kInteger, "When, in seconds since 1970"},
            {"pid", ColumnType::kInteger, "Process of the login"},
        },
    .generate = GenerateLoggedInUsers,
};

}  // namespace tutti::query
