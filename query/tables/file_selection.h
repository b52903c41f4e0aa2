// Which files a query means by its conditions on `path` and `directory`.
#ifndef QUERY_TABLES_FILE_SELECTION_H_
#define QUERY_TABLES_FILE_SELECTION_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "query/engine/table.h"

namespace tutti::query {

struct SelectedFile {
  // As the conditions say it, of the host.
  std::string path;
  std::string directory;
  // Why it is not known what is in the folder; there is no path then.
  std::string error;
};

struct FileSelection {
  std::vector<SelectedFile> files;
  // Found in a folder or by a pattern, not named: one that can not be read is
  // no error.
  bool one_of_many = false;
};

// By the narrowest of the conditions; they may select what is not there.
//
// A pattern is walked level by level: `%` and `_` (with GLOB `*`, `?` and
// `[...]`) stand for characters of one name, and never for a `/`. A name with
// `%%` (`**`) in it stands for those at every depth below, but not behind
// symbolic links. INVALID_ARGUMENT when all patterns are relative.
absl::StatusOr<FileSelection> SelectFiles(const TableRequest& request);

}  // namespace tutti::query

#endif  // QUERY_TABLES_FILE_SELECTION_H_
