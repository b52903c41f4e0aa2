// What cron runs (crontab(5)).
#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/ascii.h"
#include "common/base/status_macros.h"
#include "common/text/lines.h"
#include "query/engine/table.h"
#include "query/host/folder.h"
#include "query/host/regular_file.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

// Debian keeps the tables of accounts in the last one, others in the one
// before.
constexpr std::array<std::string_view, 3> kFolders = {
    "/etc/cron.d", "/var/spool/cron", "/var/spool/cron/crontabs"};
constexpr std::array<std::string_view, 5> kTimes = {
    "minute", "hour", "day_of_month", "month", "day_of_week"};

// Other lines set variables.
bool IsEntry(std::string_view line) {
  return !line.empty() &&
         (IsDigit(line[0]) || line[0] == '*' || line[0] == '@');
}

void AddEntry(std::string_view line, std::string_view path, Rows& rows) {
  std::array<std::string_view, kTimes.size()> times;
  const bool is_event = line.starts_with('@');
  const std::string_view event = is_event ? TakeWord(line) : "";
  if (!is_event) {
    for (std::string_view& time : times) time = TakeWord(line);
  }
  if (line.empty()) return;
  Row& row = rows.Add();
  row.Set("event", event);
  for (size_t i = 0; i < kTimes.size(); ++i) row.Set(kTimes[i], times[i]);
  row.Set("command", line);
  row.Set("path", path);
}

void AddEntries(std::string_view content, std::string_view path, Rows& rows) {
  for (const std::string_view whole : LinesOf(content)) {
    const std::string_view line = Trimmed(whole);
    if (IsEntry(line)) AddEntry(line, path, rows);
  }
}

absl::Status GenerateCrontab(const TableRequest& request, Rows& rows) {
  const std::string table = "/etc/crontab";
  TUTTI_ASSIGN_OR_RETURN(const std::string content,
                         ReadIfThere(request.Path(table)));
  AddEntries(content, table, rows);
  for (const std::string_view folder : kFolders) {
    const auto names = NamesIn(request.Path(folder));
    // Who is not root sees the host's own ones.
    if (absl::IsPermissionDenied(names.status())) continue;
    if (!names.ok()) return names.status();
    for (const std::string& name : *names) {
      const std::string path = fmt::format("{}/{}", folder, name);
      AddEntries(ReadOneOfMany(request.Path(path)), path, rows);
    }
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kCrontabTable = {
    .name = "crontab",
    .description =
        "What cron runs and when. Only root sees the tables of "
        "accounts.",
    .columns =
        {
            {"event", ColumnType::kText, "@reboot, @daily, ..., or empty"},
            {"minute", ColumnType::kText, "Minutes"},
            {"hour", ColumnType::kText, "Hours"},
            {"day_of_month", ColumnType::kText, "Days of the month"},
            {"month", ColumnType::kText, "Months"},
            {"day_of_week", ColumnType::kText, "Days of the week"},
            {"command", ColumnType::kText,
             "The rest of the line; in /etc it begins with the account"},
            {"path", ColumnType::kText, "File that it stands in"},
        },
    .generate = GenerateCrontab,
};

}  // namespace tutti::query
