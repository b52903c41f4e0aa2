// Processes of /proc (proc(5)).
#include "query/host/processes.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status_macros.h"
#include "common/text/lines.h"
#include "query/engine/table.h"
#include "query/host/fields.h"
#include "query/host/file_kind.h"
#include "query/host/link_target.h"
#include "query/host/regular_file.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

// What the kernel says behind the path of a program that was removed.
constexpr std::string_view kDeleted = " (deleted)";

// One process, its row and what is asked of it.
struct Target {
  const TableRequest& request;
  const std::string& proc;
  int64_t pid;
  Row& row;

  std::string Path(std::string_view name) const {
    return ProcessPath(proc, pid, name);
  }
  bool UsesAny(std::initializer_list<std::string_view> columns) const {
    return std::any_of(columns.begin(), columns.end(),
                       [&](const auto column) { return request.Uses(column); });
  }
};

// Seconds since the epoch; absent where /proc/stat does not say.
std::optional<int64_t> BootTime(std::string_view stat) {
  for (const std::string_view line : LinesOf(stat)) {
    const std::vector<std::string_view> words = Words(line);
    if (words.size() == 2 && words[0] == "btime") return NumberIn(words[1]);
  }
  return std::nullopt;
}

void SetStat(const ProcessStat& stat, std::optional<int64_t> boot_time,
             Row& row) {
  static const int64_t kTicksPerSecond = sysconf(_SC_CLK_TCK);
  row.Set("name", stat.name);
  row.Set("state", stat.state);
  row.Set("parent", stat.parent);
  row.Set("pgroup", stat.group);
  row.Set("nice", stat.nice);
  row.Set("threads", stat.threads);
  row.Set("user_time", stat.user_ticks * 1000 / kTicksPerSecond);
  row.Set("system_time", stat.system_ticks * 1000 / kTicksPerSecond);
  row.Set("start_time", boot_time.has_value()
                            ? *boot_time + stat.start_ticks / kTicksPerSecond
                            : -1);
}

// "real effective saved filesystem".
void SetIds(std::string_view ids, std::string_view real,
            std::string_view effective, std::string_view saved, Row& row) {
  const std::vector<std::string_view> words = Words(ids);
  if (words.size() < 3) return;
  row.Set(real, NumberIn(words[0]));
  row.Set(effective, NumberIn(words[1]));
  row.Set(saved, NumberIn(words[2]));
}

void SetStatus(const Target& target) {
  const std::string content =
      ReadIfReadable(target.Path("status")).value_or("");
  const Fields fields = FieldsOf(content);
  Row& row = target.row;
  SetIds(FieldIn(fields, "Uid").value_or(""), "uid", "euid", "suid", row);
  SetIds(FieldIn(fields, "Gid").value_or(""), "gid", "egid", "sgid", row);
  row.Set("wired_size", BytesOf(fields, "VmLck"));
  row.Set("resident_size", BytesOf(fields, "VmRSS"));
  row.Set("total_size", BytesOf(fields, "VmSize"));
}

void SetInputOutput(const Target& target) {
  const std::string content = ReadIfReadable(target.Path("io")).value_or("");
  const Fields fields = FieldsOf(content);
  target.row.Set("disk_bytes_read", NumberOf(fields, "read_bytes"));
  const std::optional<int64_t> written = NumberOf(fields, "write_bytes");
  if (!written.has_value()) return;
  target.row.Set(
      "disk_bytes_written",
      *written - NumberOf(fields, "cancelled_write_bytes").value_or(0));
}

// Whether the program of the path that the kernel gives is there no more. A
// name may end so all the same; the process may be in a container.
bool IsDeleted(const Target& target, const std::string& path) {
  return path.ends_with(kDeleted) &&
         KindOf(target.Path("root") + path) == FileKind::kNone;
}

void SetProgram(const Target& target) {
  std::optional<std::string> path = LinkTarget(target.Path("exe"));
  const bool deleted = path.has_value() && IsDeleted(target, *path);
  if (deleted) path->resize(path->size() - kDeleted.size());
  target.row.Set("path", path);
  target.row.Set("on_disk", !path.has_value() ? -1 : deleted ? 0 : 1);
}

std::string CommandLine(const Target& target) {
  std::string text = ReadIfReadable(target.Path("cmdline")).value_or("");
  std::replace(text.begin(), text.end(), '\0', ' ');
  return std::string(Trimmed(text));
}

// "/user.slice" of "0::/user.slice", the first line.
std::optional<std::string_view> ControlGroup(std::string_view text) {
  const std::string_view line = TakeLine(text);
  size_t colon = line.find(':');
  if (colon != line.npos) colon = line.find(':', colon + 1);
  if (colon == line.npos) return std::nullopt;
  return line.substr(colon + 1);
}

// Files of which nothing is asked are not read: each costs a system call or
// more a process, and some lock its memory.
void SetExpensive(const Target& target) {
  Row& row = target.row;
  if (target.UsesAny({"uid", "euid", "suid", "gid", "egid", "sgid",
                      "wired_size", "resident_size", "total_size"})) {
    SetStatus(target);
  }
  if (target.UsesAny({"disk_bytes_read", "disk_bytes_written"})) {
    SetInputOutput(target);
  }
  if (target.UsesAny({"path", "on_disk"})) SetProgram(target);
  if (target.UsesAny({"cmdline"})) row.Set("cmdline", CommandLine(target));
  if (target.UsesAny({"cwd"})) row.Set("cwd", LinkTarget(target.Path("cwd")));
  if (target.UsesAny({"root"})) {
    row.Set("root", LinkTarget(target.Path("root")));
  }
  if (target.UsesAny({"cgroup_path"})) {
    const std::string text = ReadIfReadable(target.Path("cgroup")).value_or("");
    row.Set("cgroup_path", ControlGroup(text));
  }
}

absl::Status GenerateProcesses(const TableRequest& request, Rows& rows) {
  const std::string proc = request.Path("/proc");
  TUTTI_ASSIGN_OR_RETURN(const std::vector<int64_t> pids,
                         ProcessIds(proc, request.EqualToNumber("pid")));
  TUTTI_ASSIGN_OR_RETURN(const std::string host_stat,
                         ReadIfThere(request.Path("/proc/stat")));
  const std::optional<int64_t> boot_time = BootTime(host_stat);
  for (const int64_t pid : pids) {
    const std::optional<ProcessStat> stat = ParseProcessStat(
        ReadIfReadable(ProcessPath(proc, pid, "stat")).value_or(""));
    if (!stat.has_value()) continue;
    Row& row = rows.Add();
    row.Set("pid", pid);
    SetStat(*stat, boot_time, row);
    SetExpensive({request, proc, pid, row});
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kProcessesTable = {
    .name = "processes",
    .description = "Processes that run.",
    .columns =
        {
            {"pid", ColumnType::kBigInt, "Process (or thread) ID",
             Pushdown::kUsed},
            {"name", ColumnType::kText,
             "Name that the kernel has, at most 15 bytes"},
            {"path", ColumnType::kText, "Path of the program"},
            {"cmdline", ColumnType::kText, "Arguments, with blanks between"},
            {"state", ColumnType::kText,
             "R (runs), S (sleeps), D (waits for a disk), Z (has ended), ..."},
            {"cwd", ColumnType::kText, "Working directory"},
            {"root", ColumnType::kText, "Root directory"},
            {"uid", ColumnType::kBigInt, "User ID"},
            {"gid", ColumnType::kBigInt, "Group ID"},
            {"euid", ColumnType::kBigInt, "Effective user ID"},
            {"egid", ColumnType::kBigInt, "Effective group ID"},
            {"suid", ColumnType::kBigInt, "Saved user ID"},
            {"sgid", ColumnType::kBigInt, "Saved group ID"},
            {"on_disk", ColumnType::kInteger,
             "Whether the program is still at its path: 1, 0, or -1 for "
             "unknown"},
            {"wired_size", ColumnType::kBigInt,
             "Bytes that are locked in memory"},
            {"resident_size", ColumnType::kBigInt, "Bytes in memory"},
            {"total_size", ColumnType::kBigInt, "Bytes of virtual memory"},
            {"user_time", ColumnType::kBigInt,
             "Milliseconds of CPU time in user space"},
            {"system_time", ColumnType::kBigInt,
             "Milliseconds of CPU time in the kernel"},
            {"disk_bytes_read", ColumnType::kBigInt, "Bytes read from disks"},
            {"disk_bytes_written", ColumnType::kBigInt,
             "Bytes written to disks"},
            {"start_time", ColumnType::kBigInt,
             "Start in seconds since the epoch; -1 for unknown"},
            {"parent", ColumnType::kBigInt, "Process ID of the parent"},
            {"pgroup", ColumnType::kBigInt, "Process group"},
            {"threads", ColumnType::kInteger, "Number of threads"},
            {"nice", ColumnType::kInteger, "Nice level, -20 to 19"},
            {"cgroup_path", ColumnType::kText,
             "Control group, from the root of its hierarchy"},
        },
    .generate = GenerateProcesses,
};

}  // namespace tutti::query
