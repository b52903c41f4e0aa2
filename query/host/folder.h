// What is in a folder.
#ifndef QUERY_HOST_FOLDER_H_
#define QUERY_HOST_FOLDER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "query/host/file_kind.h"

namespace tutti::query {

struct FolderEntry {
  std::string name;
  // Of a symbolic link: kLink.
  FileKind kind = FileKind::kUnknown;
};

// All but `.` and `..`, by their names; none where there is no such folder.
// IsSilent when a server that has it does not answer.
absl::StatusOr<std::vector<FolderEntry>> EntriesOf(const std::string& folder);

// Their names alone; the same errors.
absl::StatusOr<std::vector<std::string>> NamesIn(const std::string& folder);

}  // namespace tutti::query

#endif  // QUERY_HOST_FOLDER_H_
