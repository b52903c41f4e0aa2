#include "query/host/folder.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "query/host/distant_mounts.h"

namespace tutti::query {
namespace {

using DirectoryEntry = std::filesystem::directory_entry;

// What a directory says of a name; some file systems have to be asked.
FileKind KindOf(const DirectoryEntry& entry) {
  std::error_code error;
  if (entry.is_symlink(error)) return FileKind::kLink;
  if (!error && entry.is_directory(error)) return FileKind::kFolder;
  return error ? FileKind::kUnknown : FileKind::kOther;
}

// Gives each entry as soon as it is known: a letter for the kind, the name, and
// a zero byte.
absl::Status GiveEntries(const std::string& folder, bool kinds,
                         const Take& give) {
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  while (!error && entry != std::filesystem::directory_iterator()) {
    const FileKind kind = kinds ? KindOf(*entry) : FileKind::kUnknown;
    std::string bytes(1, static_cast<char>(kind));
    bytes += entry->path().filename();
    TUTTI_RETURN_IF_ERROR(give(bytes + '\0'));
    entry.increment(error);
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return SystemError(error.value(), fmt::format("read folder {}", folder));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<FolderEntry>> ReadFolder(const std::string& folder,
                                                    bool kinds) {
  std::string bytes;
  TUTTI_RETURN_IF_ERROR(Reach(
      folder,
      [&](const Take& give) { return GiveEntries(folder, kinds, give); },
      [&](std::string_view piece) {
        bytes += piece;
        return absl::OkStatus();
      }));
  std::vector<FolderEntry> entries;
  for (std::string_view rest = bytes; !rest.empty();) {
    const size_t end = rest.find('\0', 1);
    entries.push_back(
        {std::string(rest.substr(1, end - 1)), static_cast<FileKind>(rest[0])});
    rest.remove_prefix(end + 1);
  }
  std::sort(entries.begin(), entries.end(),
            [](const FolderEntry& a, const FolderEntry& b) {
              return a.name < b.name;
            });
  return entries;
}

}  // namespace

absl::StatusOr<std::vector<FolderEntry>> EntriesOf(const std::string& folder) {
  return ReadFolder(folder, /*kinds=*/true);
}

absl::StatusOr<std::vector<std::string>> NamesIn(const std::string& folder) {
  TUTTI_ASSIGN_OR_RETURN(std::vector<FolderEntry> entries,
                         ReadFolder(folder, /*kinds=*/false));
  std::vector<std::string> names;
  names.reserve(entries.size());
  for (FolderEntry& entry : entries) names.push_back(std::move(entry.name));
  return names;
}

}  // namespace tutti::query
