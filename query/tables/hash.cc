// Digests of files.
#include <string>
#include <string_view>
#include <vector>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "query/engine/table.h"
#include "query/host/distant_mounts.h"
#include "query/host/file_digest.h"
#include "query/tables/file_selection.h"

namespace tutti::query {
namespace {

absl::Status GenerateHash(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(const FileSelection selection, SelectFiles(request));
  std::vector<std::string_view> wanted;
  for (const std::string_view name : {"md5", "sha1", "sha256"}) {
    if (request.Uses(name)) wanted.push_back(name);
  }
  // Of no file is it the fault.
  TUTTI_RETURN_IF_ERROR(CheckDigests(wanted));
  for (const SelectedFile& selected : selection.files) {
    if (!selected.error.empty()) {
      Row& row = rows.Add();
      row.Set("directory", selected.directory);
      row.Set("error", selected.error);
      continue;
    }
    const auto digests = DigestsOf(request.Path(selected.path), wanted);
    if (absl::IsNotFound(digests.status()) ||
        absl::IsFailedPrecondition(digests.status())) {
      continue;
    }
    if (!digests.ok() && !selection.one_of_many &&
        !IsSilent(digests.status())) {
      return digests.status();
    }
    Row& row = rows.Add();
    row.Set("path", selected.path);
    row.Set("directory", selected.directory);
    if (!digests.ok()) {
      row.Set("error", TextOf(digests.status()));
      continue;
    }
    for (size_t i = 0; i < wanted.size(); ++i) {
      row.Set(wanted[i], (*digests)[i]);
    }
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kHashTable = {
    .name = "hash",
    .description =
        "Digests of regular files by path or folder, with the "
        "patterns of the table file.",
    .columns =
        {
            {"path", ColumnType::kText, "Absolute path", Pushdown::kNeeded},
            {"directory", ColumnType::kText, "Folder it is in",
             Pushdown::kNeeded},
            {"md5", ColumnType::kText,
             "MD5; NULL: it can not be read, as error says"},
            {"sha1", ColumnType::kText, "SHA-1"},
            {"sha256", ColumnType::kText, "SHA-256"},
            {"error", ColumnType::kText,
             "Why one of many files, or one of a server that does not answer, "
             "has no digests"},
        },
    .generate = GenerateHash,
};

}  // namespace tutti::query
