// What stat says of files (stat(2), statx(2)).
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "query/engine/table.h"
#include "query/host/distant_mounts.h"
#include "query/tables/file_selection.h"

namespace tutti::query {
namespace {

constexpr unsigned int kPermissions = 07777;

std::string_view NameOfType(unsigned int mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return "regular";
    case S_IFDIR:
      return "directory";
    case S_IFLNK:
      return "symlink";
    case S_IFBLK:
      return "block";
    case S_IFCHR:
      return "character";
    case S_IFIFO:
      return "fifo";
    case S_IFSOCK:
      return "socket";
    default:
      return "unknown";
  }
}

// "passwd" of "/etc/passwd", "cron.d" of "/etc/cron.d/".
std::string_view NameIn(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  return path.substr(path.rfind('/') + 1);
}

struct FileState {
  // Of what a symbolic link leads to, unless it leads nowhere.
  struct statx state = {};
  bool symlink = false;
  std::string target;
};

// 0 or errno.
int LookHere(const std::string& path, FileState& file) {
  constexpr unsigned int kMask = STATX_BASIC_STATS | STATX_BTIME;
  // Looking at a file mounts nothing, as with stat(2).
  if (statx(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
            kMask, &file.state) != 0) {
    return errno;
  }
  if (!S_ISLNK(file.state.stx_mode)) return 0;
  file.symlink = true;
  std::error_code error;
  file.target = std::filesystem::read_symlink(path, error);
  struct statx target = {};
  if (statx(AT_FDCWD, path.c_str(), AT_NO_AUTOMOUNT, kMask, &target) == 0) {
    file.state = target;
  }
  return 0;
}

// The state as bytes, and behind it the target, of a file that may have to be
// reached.
absl::StatusOr<std::string> LookAsBytes(const std::string& path) {
  FileState file;
  const int error = LookHere(path, file);
  if (error != 0) {
    return SystemError(error == ENOTDIR ? ENOENT : error,
                       fmt::format("look at {}", path));
  }
  std::string bytes(reinterpret_cast<const char*>(&file.state),
                    sizeof file.state);
  if (file.symlink) bytes += 'l' + file.target;
  return bytes;
}

FileState StateIn(const std::string& bytes) {
  FileState file;
  std::memcpy(&file.state, bytes.data(), sizeof file.state);
  file.symlink = bytes.size() > sizeof file.state;
  if (file.symlink) file.target = bytes.substr(sizeof file.state + 1);
  return file;
}

Row& AddRow(const SelectedFile& selected, Rows& rows) {
  Row& row = rows.Add();
  row.Set("directory", selected.directory);
  if (selected.path.empty()) return row;
  row.Set("path", selected.path);
  row.Set("filename", NameIn(selected.path));
  return row;
}

void SetState(const FileState& file, Row& row) {
  const struct statx& state = file.state;
  row.Set("inode", state.stx_ino);
  row.Set("uid", state.stx_uid);
  row.Set("gid", state.stx_gid);
  row.Set("mode", fmt::format("{:04o}", state.stx_mode & kPermissions));
  row.Set("device", makedev(state.stx_rdev_major, state.stx_rdev_minor));
  row.Set("size", state.stx_size);
  row.Set("block_size", state.stx_blksize);
  row.Set("atime", state.stx_atime.tv_sec);
  row.Set("mtime", state.stx_mtime.tv_sec);
  row.Set("ctime", state.stx_ctime.tv_sec);
  row.Set("btime",
          (state.stx_mask & STATX_BTIME) != 0 ? state.stx_btime.tv_sec : 0);
  row.Set("hard_links", state.stx_nlink);
  row.Set("symlink", file.symlink ? 1 : 0);
  row.Set("symlink_target_path", file.target);
  row.Set("type", NameOfType(state.stx_mode));
}

absl::Status GenerateFile(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(const FileSelection selection, SelectFiles(request));
  std::vector<std::string> paths;
  std::vector<const SelectedFile*> with_path;
  for (const SelectedFile& selected : selection.files) {
    if (!selected.error.empty()) {
      AddRow(selected, rows).Set("error", selected.error);
      continue;
    }
    paths.push_back(request.Path(selected.path));
    with_path.push_back(&selected);
  }
  absl::Status status;
  ReachEach(paths, LookAsBytes,
            [&](size_t index, const absl::StatusOr<std::string>& found) {
              const SelectedFile& selected = *with_path[index];
              if (found.ok()) {
                SetState(StateIn(*found), AddRow(selected, rows));
              } else if (IsSilent(found.status())) {
                AddRow(selected, rows).Set("error", TextOf(found.status()));
              } else if (!absl::IsNotFound(found.status()) &&
                         !selection.one_of_many) {
                status.Update(found.status());
              }
            });
  return status;
}

}  // namespace

extern const Table kFileTable = {
    .name = "file",
    .description =
        "Files by path or folder. A pattern as in path LIKE "
        "'/etc/%' is walked level by level; %% is every depth.",
    .columns =
        {
            {"path", ColumnType::kText, "Absolute path", Pushdown::kNeeded},
            {"directory", ColumnType::kText, "Folder it is in",
             Pushdown::kNeeded},
            {"filename", ColumnType::kText, "Name in the folder"},
            {"inode", ColumnType::kBigInt, "Number in the file system"},
            {"uid", ColumnType::kBigInt, "Owner"},
            {"gid", ColumnType::kBigInt, "Owning group"},
            {"mode", ColumnType::kText, "Permissions, such as 0644"},
            {"device", ColumnType::kBigInt,
             "Of a device file: the number of the device"},
            {"size", ColumnType::kBigInt, "Bytes"},
            {"block_size", ColumnType::kInteger,
             "Bytes that are best read at once"},
            {"atime", ColumnType::kBigInt, "Last read, in seconds since 1970"},
            {"mtime", ColumnType::kBigInt,
             "Last change of the content, in seconds since 1970"},
            {"ctime", ColumnType::kBigInt,
             "Last change of any of this, in seconds since 1970"},
            {"btime", ColumnType::kBigInt,
             "When it was made, in seconds since 1970; 0: not known"},
            {"hard_links", ColumnType::kInteger, "Names that it has"},
            {"symlink", ColumnType::kInteger,
             "1: the path is a symbolic link, and the rest is of what it "
             "leads to"},
            {"symlink_target_path", ColumnType::kText,
             "What a symbolic link says"},
            {"type", ColumnType::kText,
             "regular, directory, symlink (that leads nowhere), block, "
             "character, fifo, socket or unknown"},
            {"error", ColumnType::kText,
             "Why the rest is NULL: the server that has it does not answer"},
        },
    .generate = GenerateFile,
};

}  // namespace tutti::query
