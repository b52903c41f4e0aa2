// Logins and logouts (/var/log/wtmp, utmp(5)).
#include <string>

#include "common/base/status_macros.h"
#include "query/engine/table.h"
#include "query/host/login_record.h"
#include "query/host/regular_file.h"

namespace tutti::query {
namespace {

absl::Status GenerateLast(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(const std::string content,
                         ReadIfThere(request.Path("/var/log/wtmp")));
  for (const LoginRecord& record : DecodeLoginRecords(content)) {
    Row& row = rows.Add();
    row.Set("username", record.user);
    row.Set("tty", record.tty);
    row.Set("pid", record.pid);
    row.Set("type", record.type);
    row.Set("time", record.time);
    row.Set("host", record.host);
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kLastTable = {
    .name = "last",
    .description = "Logins, logouts, starts and stops of the host.",
    .columns =
        {
            {"username", ColumnType::kText, "Name of the account"},
            {"tty", ColumnType::kText, "Terminal"},
            {"pid", ColumnType::kInteger, "Process of the login"},
            {"type", ColumnType::kInteger,
             "As utmp(5) numbers them: 2 start, 7 login, 8 logout, ..."},
            {"time", ColumnType::kInteger, "When, in seconds since 1970"},
            {"host", ColumnType::kText, "Where the login came from"},
        },
    .generate = GenerateLast,
};

}  // namespace tutti::query
