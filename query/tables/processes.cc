// Processes of /proc (proc(5)).
#include "query/host/processes.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "common/base/status_macros.h"
#include "common/base/threads.h"
#include "common/text/lines.h"
#include "query/engine/table.h"
#include "query/host/fields.h"
#include "query/host/file_kind.h"
#include "query/host/regular_file.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

// What the kernel says behind the path of a program that was removed.
constexpr std::string_view kDeleted = " (deleted)";

// Files of which nothing is asked are not read: each costs a system call or
// more a process, and some lock its memory.
struct Wanted {
  explicit Wanted(const TableRequest& request)
      : status(UsesAny(request, {"uid", "euid", "suid", "gid", "egid", "sgid",
                                 "wired_size", "resident_size", "total_size"})),
        io(UsesAny(request, {"disk_bytes_read", "disk_bytes_written"})),
        program(UsesAny(request, {"path", "on_disk"})),
        command_line(request.Uses("cmdline")),
        directory(request.Uses("cwd")),
        root(request.Uses("root")),
        cgroup(request.Uses("cgroup_path")) {}

  static bool UsesAny(const TableRequest& request,
                      std::initializer_list<std::string_view> columns) {
    return std::any_of(columns.begin(), columns.end(),
                       [&](const auto column) { return request.Uses(column); });
  }

  const bool status, io, program, command_line, directory, root, cgroup;
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

void SetStatus(const ProcessFolder& folder, Row& row) {
  Fields fields;
  // The other fifty fields would cost more than all else here.
  for (std::string_view text = folder.Read("status"); !text.empty();) {
    const std::string_view line = TakeLine(text);
    if (line.starts_with("Uid:") || line.starts_with("Gid:") ||
        line.starts_with("Vm")) {
      fields.emplace(line.substr(0, line.find(':')),
                     Trimmed(line.substr(line.find(':') + 1)));
    }
  }
  SetIds(FieldIn(fields, "Uid").value_or(""), "uid", "euid", "suid", row);
  SetIds(FieldIn(fields, "Gid").value_or(""), "gid", "egid", "sgid", row);
  row.Set("wired_size", BytesOf(fields, "VmLck"));
  row.Set("resident_size", BytesOf(fields, "VmRSS"));
  row.Set("total_size", BytesOf(fields, "VmSize"));
}

void SetInputOutput(const ProcessFolder& folder, Row& row) {
  const Fields fields = FieldsOf(folder.Read("io"));
  row.Set("disk_bytes_read", NumberOf(fields, "read_bytes"));
  const std::optional<int64_t> written = NumberOf(fields, "write_bytes");
  if (!written.has_value()) return;
  row.Set("disk_bytes_written",
          *written - NumberOf(fields, "cancelled_write_bytes").value_or(0));
}

std::string CommandLine(const ProcessFolder& folder) {
  std::string text(folder.Read("cmdline"));
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

// What is asked of all of them.
struct Question {
  const std::string& proc;
  const Wanted wanted;
  const std::optional<int64_t> boot_time;
};

// Processes that are read by one thread.
struct Share {
  Rows rows;
  // Rows of programs that the kernel says are removed.
  std::vector<size_t> removed = {};
};

void SetProgram(const ProcessFolder& folder, Share& share, Row& row) {
  const std::optional<std::string> path = folder.Link("exe");
  row.Set("path", path);
  row.Set("on_disk", path.has_value() ? 1 : -1);
  if (path.has_value() && path->ends_with(kDeleted)) {
    share.removed.push_back(share.rows.size() - 1);
  }
}

void AddProcess(const Question& question, int64_t pid,
                const ProcessFolder& folder, Share& share) {
  const std::optional<ProcessStat> stat = ParseProcessStat(folder.Read("stat"));
  if (!stat.has_value()) return;
  const Wanted& wanted = question.wanted;
  Row& row = share.rows.Add();
  row.Set("pid", pid);
  SetStat(*stat, question.boot_time, row);
  if (wanted.status) SetStatus(folder, row);
  if (wanted.io) SetInputOutput(folder, row);
  if (wanted.program) SetProgram(folder, share, row);
  if (wanted.command_line) row.Set("cmdline", CommandLine(folder));
  if (wanted.directory) row.Set("cwd", folder.Link("cwd"));
  if (wanted.root) row.Set("root", folder.Link("root"));
  if (wanted.cgroup) {
    row.Set("cgroup_path", ControlGroup(folder.Read("cgroup")));
  }
}

void ReadShare(const Question& question, std::span<const int64_t> pids,
               Share& share) {
  std::vector<char> buffer;
  for (const int64_t pid : pids) {
    AddProcess(question, pid, ProcessFolder(question.proc, pid, buffer), share);
  }
}

// A name may end like that of a removed program all the same; the process may
// be in a container. Looking may wait for a server, and so is nothing that
// several threads may do.
void MarkRemoved(const Question& question, Share& share) {
  for (const size_t index : share.removed) {
    Row& row = share.rows[index];
    const int64_t pid = std::get<int64_t>(row.ValueOf("pid"));
    std::string path = std::get<std::string>(row.ValueOf("path"));
    const FileKind kind =
        KindOf(ProcessPath(question.proc, pid, "root") + path);
    if (kind == FileKind::kUnknown) row.Set("on_disk", -1);
    if (kind != FileKind::kNone) continue;
    path.resize(path.size() - kDeleted.size());
    row.Set("path", path);
    row.Set("on_disk", 0);
  }
}

// Nearly all of the time is the kernel's, which serves several threads at once.
size_t CountShares(size_t processes) {
  constexpr size_t kLeastOfShare = 200, kMostShares = 4;
  const size_t processors = std::thread::hardware_concurrency();
  return std::clamp<size_t>(processes / kLeastOfShare, 1,
                            std::clamp<size_t>(processors, 1, kMostShares));
}

absl::Status GenerateProcesses(const TableRequest& request, Rows& rows) {
  const std::string proc = request.Path("/proc");
  TUTTI_ASSIGN_OR_RETURN(const std::vector<int64_t> pids,
                         ProcessIds(proc, request.EqualToNumber("pid")));
  TUTTI_ASSIGN_OR_RETURN(const std::string host_stat,
                         ReadIfThere(request.Path("/proc/stat")));
  const Question question = {proc, Wanted(request), BootTime(host_stat)};
  std::vector<Share> shares(CountShares(pids.size()), Share{rows.Empty()});
  std::vector<std::thread> threads;
  for (size_t i = 0; i < shares.size(); ++i) {
    const size_t begin = pids.size() * i / shares.size();
    const size_t end = pids.size() * (i + 1) / shares.size();
    const auto work = [&question, &share = shares[i],
                       part = std::span(pids).subspan(begin, end - begin)] {
      ReadShare(question, part, share);
    };
    absl::StatusOr<std::thread> thread =
        i + 1 < shares.size() ? StartThread(work)
                              : absl::StatusOr<std::thread>(std::thread());
    // The last one, and what the host has no thread for, is read here.
    if (thread.ok() && thread->joinable()) {
      threads.push_back(*std::move(thread));
    } else {
      work();
    }
  }
  for (std::thread& thread : threads) thread.join();
  for (Share& share : shares) {
    MarkRemoved(question, share);
    rows.Append(std::move(share.rows));
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
