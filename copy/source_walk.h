// Walks through the files that are to be copied, on either side.
#ifndef COPY_SOURCE_WALK_H_
#define COPY_SOURCE_WALK_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/file_descriptor.h"
#include "tutti/v1/copy.pb.h"

namespace tutti::copy {

struct SourceOptions {
  // Symbolic links are taken for what they point to.
  bool follow_links = false;
  // Entries carry owner and group, and files keep set-user-ID and
  // set-group-ID: whoever copies must not make another's rights of them.
  bool preserve_owner = false;
  // Each is called in the copy as it is here, without the '/' in front, and the
  // folders that lead to it are copied with it; otherwise only its last
  // component counts.
  bool whole_paths = false;
};

// One file, folder or link that was found.
struct SourceItem {
  // Without blocks.
  v1::CopyEntry entry;
  // Of a file: open for reading.
  FileDescriptor file;
  // For errors.
  std::string shown_path;
};

class SourceVisitor {
 public:
  virtual ~SourceVisitor() = default;
  // May take from `item` what it likes; an error ends the walk.
  virtual absl::Status OnItem(SourceItem& item) = 0;
  // Something can not be read or copied; an error ends the walk, otherwise it
  // goes on with the next.
  virtual absl::Status OnProblem(const std::string& shown_path,
                                 const absl::Status& problem) = 0;
};

// What each source is called in a copy: its last component, for "." and ".."
// that of the folder it is. INVALID_ARGUMENT when two are the same, or when
// one has no name.
absl::StatusOr<std::vector<std::string>> TopNames(
    const std::vector<std::string>& sources);
// What it is called with whole_paths. INVALID_ARGUMENT when it has no name, or
// goes up.
absl::StatusOr<std::string> WholeName(std::string_view source);

// Visits `sources` and what is in them, folders before their content.
absl::Status WalkSources(const std::vector<std::string>& sources,
                         const SourceOptions& options, SourceVisitor& visitor);

}  // namespace tutti::copy

#endif  // COPY_SOURCE_WALK_H_
